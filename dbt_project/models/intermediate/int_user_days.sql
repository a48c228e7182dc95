{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

select
    user_id,
    activity_date,
    cast(sum(events_count) as bigint) as events_count,
    bool_or(is_active) as is_active,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at
from {{ ref('int_user_event_days') }}
where activity_date >= {{ restate_from() }}
group by user_id, activity_date
