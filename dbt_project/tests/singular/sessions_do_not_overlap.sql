{{ config(meta={'dagster': {'ref': {'name': 'int_person_sessions'}}}) }}
-- A person is in one session of a stream at a time, across the border between sessions that this
-- run wrote and those that it kept; and no session reaches its 24 hours.
with sessions as (

    select
        person_key,
        started_at,
        ended_at,
        lag(ended_at) over (
            partition by person_key, coalesce(source_session_id, '')
            order by started_at
        ) as previous_ended_at
    from {{ ref('int_person_sessions') }}
    where session_date >= (
        select run_window.restate_from - 4 from {{ ref('int_run_window') }} as run_window
    )

)

select *
from sessions
where
    ended_at < started_at
    or ended_at >= started_at + interval 24 hour
    or started_at <= previous_ended_at
