{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- Sessions may be restated some days before the days themselves: a session belongs to the day it
    started, and that day's count does not change with it unless its own events did. -#}
{%- set day = restate_from() -%}

with days as (

    select person_key, activity_date, events_count
    from {{ ref('int_person_days') }}
    where is_active and activity_date >= {{ day }}

),

sessions as (

    select person_key, session_date, count(*) as sessions_count
    from {{ ref('int_person_sessions') }}
    where session_date >= {{ day }}
    group by person_key, session_date

),

first_days as (

    -- Whoever was active on a day has a first one.
    select person_key, user_id, first_date
    from {{ ref('int_subject_first_days') }}
    where subject_kind = 'product'

),

final as (

    select
        first_days.user_id,
        days.activity_date,
        days.events_count,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        days.activity_date = first_days.first_date as is_first_day
    from days
    left join sessions
        on days.person_key = sessions.person_key and days.activity_date = sessions.session_date
    inner join first_days on days.person_key = first_days.person_key

)

select * from final
