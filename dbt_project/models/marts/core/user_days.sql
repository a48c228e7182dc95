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

    select user_id, activity_date, events_count
    from {{ ref('int_user_days') }}
    where is_active and activity_date >= {{ day }}

),

sessions as (

    select user_id, session_date, count(*) as sessions_count
    from {{ ref('int_sessions') }}
    where session_date >= {{ day }}
    group by user_id, session_date

),

first_days as (

    select user_id, first_date
    from {{ ref('int_subject_first_days') }}
    where subject_kind = 'product'

),

final as (

    select
        days.user_id,
        days.activity_date,
        days.events_count,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        days.activity_date = first_days.first_date as is_first_day
    from days
    left join sessions
        on days.user_id = sessions.user_id and days.activity_date = sessions.session_date
    left join first_days on days.user_id = first_days.user_id

)

select * from final
