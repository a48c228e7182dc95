{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='user_id',
    )
}}

{#- State, one row per person: totals over all their days. Only persons touched since the last
    publication are summed again. A person all of whose events went to another keeps an empty row. -#}
{%- set day = restate_from() %}

with touched as (

    select distinct user_id
    from {{ ref('int_user_days') }}
    where activity_date >= {{ day }}

    {% if is_incremental() %}
    union

    select user_id
    from {{ this }}
    where {{ product_date('last_seen_at') }} >= {{ day }}
    {% endif %}

),

days as (

    select user_days.*
    from {{ ref('int_user_days') }} as user_days
    semi join touched on user_days.user_id = touched.user_id

),

sessions as (

    select sessions.user_id, count(*) as sessions_count
    from {{ ref('int_sessions') }} as sessions
    semi join touched on sessions.user_id = touched.user_id
    group by sessions.user_id

),

totals as (

    select
        user_id,
        min(first_event_at) as first_seen_at,
        max(last_event_at) as last_seen_at,
        cast(sum(events_count) as bigint) as events_count,
        count(*) filter (where is_active) as active_days_count
    from days
    group by user_id

),

final as (

    select
        touched.user_id,
        totals.first_seen_at,
        totals.last_seen_at,
        coalesce(totals.events_count, 0) as events_count,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        coalesce(totals.active_days_count, 0) as active_days_count
    from touched
    left join totals on touched.user_id = totals.user_id
    left join sessions on touched.user_id = sessions.user_id

)

select * from final
