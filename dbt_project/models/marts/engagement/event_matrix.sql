{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='period_start + 6',
    )
}}

{#- Per week, how many of the active people did each event, and how often those who did it. -#}
{%- set first_day = period_start('week', restate_from()) -%}

with user_events as (

    select
        {{ period_start('week', 'activity_date') }} as period_start,
        event_name,
        user_id,
        sum(events_count) as events_count,
        count(distinct activity_date) as days_count
    from {{ ref('int_user_event_days') }}
    where activity_date >= {{ first_day }}
    group by event_name, user_id, {{ period_start('week', 'activity_date') }}

),

doers as (

    select
        period_start,
        event_name,
        count(*) as users_count,
        cast(sum(events_count) as bigint) as events_count,
        avg(days_count) as days_per_user
    from user_events
    group by period_start, event_name

),

active as (

    select period_start, active_users, is_complete
    from {{ ref('calendar_active_users') }}
    where interval = 'week' and segment_name = 'all' and period_start >= {{ first_day }}

)

select
    doers.period_start,
    doers.event_name,
    coalesce(active.active_users, 0) as active_users,
    doers.users_count,
    cast(doers.users_count as double) / nullif(active.active_users, 0) as users_rate,
    doers.events_count,
    cast(doers.events_count as double) / doers.users_count as events_per_user,
    doers.days_per_user,
    active.is_complete
from doers
left join active on doers.period_start = active.period_start
