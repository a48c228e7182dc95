{{ config(materialized='view') }}

{#- Per person and day, every segment value that the day's events carry, the total included. -#}
select
    persons.user_id,
    days.activity_date,
    segment_values.segment_name,
    segment_values.segment_value,
    bool_or(days.is_active) as is_active,
    cast(sum(days.events_count) as bigint) as events_count
from {{ ref('int_person_combination_days') }} as days
inner join {{ ref('int_combination_segments') }} as segment_values
    on days.combination_key = segment_values.combination_key
left join {{ ref('int_persons') }} as persons on days.person_key = persons.person_key
group by all
