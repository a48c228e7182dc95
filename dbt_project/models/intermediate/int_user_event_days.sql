{{ config(materialized='view') }}

{#- The one base of the counting families in words: nothing but int_person_event_days with the
    names of its numbers. -#}
select
    persons.user_id,
    event_days.activity_date,
    kinds.event_name,
    {% for segment in segment_columns() %}
    kinds.{{ segment }},
    {% endfor %}
    kinds.is_active,
    event_days.events_count,
    event_days.first_event_at,
    event_days.last_event_at
from {{ ref('int_person_event_days') }} as event_days
inner join {{ ref('int_event_kinds') }} as kinds on event_days.kind_key = kinds.kind_key
left join {{ ref('int_persons') }} as persons on event_days.person_key = persons.person_key
