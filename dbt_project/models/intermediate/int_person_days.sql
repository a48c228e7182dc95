{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

select
    person_key,
    activity_date,
    count(*) as combinations_count,
    bool_or(is_active) as is_active,
    cast(sum(events_count) as bigint) as events_count,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at
from {{ ref('int_person_combination_days') }}
where activity_date >= {{ restate_from() }}
group by person_key, activity_date
