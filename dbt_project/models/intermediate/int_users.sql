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

    select distinct person_key
    from {{ ref('int_person_days') }}
    where activity_date >= {{ day }}

    {% if is_incremental() %}
    union

    select person_key
    from {{ this }}
    where {{ product_date('last_seen_at') }} >= {{ day }}
    {% endif %}

),

sessions as (

    select sessions.person_key, count(*) as sessions_count
    from {{ ref('int_person_sessions') }} as sessions
    semi join touched on sessions.person_key = touched.person_key
    group by sessions.person_key

),

totals as (

    select
        days.person_key,
        min(days.first_event_at) as first_seen_at,
        max(days.last_event_at) as last_seen_at,
        cast(sum(days.events_count) as bigint) as events_count,
        count(*) filter (where days.is_active) as active_days_count
    from {{ ref('int_person_days') }} as days
    semi join touched on days.person_key = touched.person_key
    group by days.person_key

),

final as (

    select
        touched.person_key,
        persons.user_id,
        totals.first_seen_at,
        totals.last_seen_at,
        coalesce(totals.events_count, 0) as events_count,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        coalesce(totals.active_days_count, 0) as active_days_count
    from touched
    inner join {{ ref('int_persons') }} as persons on touched.person_key = persons.person_key
    left join totals on touched.person_key = totals.person_key
    left join sessions on touched.person_key = sessions.person_key

)

select * from final
