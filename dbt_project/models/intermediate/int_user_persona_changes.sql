{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='state_date',
        definition={'kind': 'persona', 'column': "'personas'"},
    )
}}

{#- The days at whose end a person's persona differs from the day before: what core.users would have
    said as of that midnight. The columns that personas are made of change only on a day with events
    and on the day on which an active day leaves the 28 days, so only those days are looked at.

    Counts before the window are the person's totals less what the window holds: one pass over the
    state of the persons in it, whatever the length of their history. -#}
{%- set day = restate_from('persona', 'personas') -%}
{%- set window_days = 28 -%}

-- depends_on: {{ ref('int_user_days') }}, {{ ref('int_sessions') }}, {{ ref('int_users') }}
{% if personas() %}
with days as (

    select user_id, activity_date, events_count, is_active, last_event_at
    from {{ ref('int_user_days') }}
    where activity_date >= {{ day }} - {{ window_days }}

),

sessions as (

    select user_id, session_date as activity_date, count(*) as sessions_count
    from {{ ref('int_sessions') }}
    where session_date >= {{ day }} - {{ window_days }}
    group by user_id, session_date

),

day_facts as (

    select
        days.*,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        cast(days.is_active as integer) as active_days
    from days
    left join sessions
        on days.user_id = sessions.user_id and days.activity_date = sessions.activity_date

),

before_window as (

    select
        users.user_id,
        any_value(users.first_seen_at) as first_seen_at,
        any_value(users.events_count) - sum(day_facts.events_count) as events_count,
        any_value(users.sessions_count) - sum(day_facts.sessions_count) as sessions_count,
        any_value(users.active_days_count) - sum(day_facts.active_days) as active_days
    from {{ ref('int_users') }} as users
    inner join day_facts on users.user_id = day_facts.user_id
    group by users.user_id

),

steps as (

    select
        user_id,
        activity_date as state_date,
        events_count,
        sessions_count,
        active_days,
        active_days as window_change,
        last_event_at
    from day_facts

    union all

    select user_id, activity_date + {{ window_days }}, 0, 0, 0, -active_days, null
    from day_facts
    where is_active

),

day_steps as (

    select
        user_id,
        state_date,
        sum(events_count) as events_count,
        sum(sessions_count) as sessions_count,
        sum(active_days) as active_days,
        sum(window_change) as window_change,
        max(last_event_at) as last_event_at
    from steps
    -- Only days that had ended at as-of have a state at their end.
    where state_date < {{ product_date(as_of()) }}
    group by user_id, state_date

),

sums as (

    select
        user_id,
        state_date,
        sum(events_count) over so_far as events_count,
        sum(sessions_count) over so_far as sessions_count,
        sum(active_days) over so_far as active_days,
        sum(window_change) over so_far as active_days_last_28,
        max(last_event_at) over so_far as last_seen_at
    from day_steps
    window so_far as (
        partition by user_id order by state_date
        rows between unbounded preceding and current row
    )

),

states as (

    select
        sums.user_id,
        sums.state_date,
        before_window.first_seen_at,
        sums.last_seen_at,
        not starts_with(sums.user_id, 'device:') as is_identified,
        cast(before_window.events_count + sums.events_count as bigint) as events_count,
        cast(before_window.sessions_count + sums.sessions_count as bigint) as sessions_count,
        cast(before_window.active_days + sums.active_days as bigint) as active_days_count,
        cast(sums.active_days_last_28 as bigint) as active_days_last_28
    from sums
    inner join before_window on sums.user_id = before_window.user_id
    where sums.state_date >= {{ day }}

),

known as (
    {% if is_incremental() %}
    select user_id, arg_max(persona, state_date) as persona
    from {{ this }}
    where state_date < {{ day }}
    group by user_id
    {% else %}
    select user_id, cast(null as varchar) as persona
    from days
    where false
    {% endif %}
),

state_personas as (

    select
        user_id,
        state_date,
        {{ persona_of() }} as persona
    from states

),

neighbours as (

    select
        state_personas.*,
        coalesce(
            lag(state_personas.persona) over (
                partition by state_personas.user_id order by state_personas.state_date
            ),
            known.persona
        ) as persona_before
    from state_personas
    left join known on state_personas.user_id = known.user_id

)

select user_id, state_date, persona
from neighbours
where persona is distinct from persona_before
{% else %}
select user_id, activity_date as state_date, cast('(none)' as varchar) as persona
from {{ ref('int_user_days') }}
where false
{% endif %}
