{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='period_start + 6',
    )
}}

{#- Per week, how many of the active people did each event, and how often those who did it. -#}
{%- set first_day = period_start('week', restate_from()) -%}

with names as (

    -- A name may be of several kinds: the number of the first stands for it.
    select
        kind_key,
        event_name,
        min(kind_key) over (partition by event_name) as name_key
    from {{ ref('int_event_kinds') }}

),

event_days as (

    select
        days.person_key,
        names.name_key,
        {{ period_start('week', 'days.activity_date') }} as period_start,
        days.activity_date,
        days.events_count
    from {{ ref('int_person_event_days') }} as days
    inner join names on days.kind_key = names.kind_key
    where days.activity_date >= {{ first_day }}

),

person_events as (

    -- A bit for each day of the week: several kinds on one day are one day.
    select
        period_start,
        name_key,
        person_key,
        sum(events_count) as events_count,
        bit_count(bit_or(1 << (activity_date - period_start))) as days_count
    from event_days
    group by period_start, name_key, person_key

),

doers as (

    select
        person_events.period_start,
        names.event_name,
        count(*) as users_count,
        cast(sum(person_events.events_count) as bigint) as events_count,
        avg(person_events.days_count) as days_per_user
    from person_events
    inner join names on person_events.name_key = names.kind_key
    group by person_events.period_start, names.event_name

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
