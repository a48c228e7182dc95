{{ config(materialized='view') }}

select
    persons.user_id,
    days.activity_date,
    days.events_count,
    days.is_active,
    days.first_event_at,
    days.last_event_at
from {{ ref('int_person_days') }} as days
left join {{ ref('int_persons') }} as persons on days.person_key = persons.person_key
