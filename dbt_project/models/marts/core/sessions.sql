{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='session_date + {{ session_reach_days() }}',
    )
}}

select
    session_id,
    user_id,
    source_session_id,
    session_date,
    started_at,
    ended_at,
    duration_seconds,
    events_count,
    entry_event_name,
    exit_event_name
from {{ ref('int_sessions') }}
where session_date >= {{ restate_from() }} - {{ session_reach_days() }}
