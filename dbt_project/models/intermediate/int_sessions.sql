{{ config(materialized='view') }}

{#- Sessions in words: int_person_sessions with the names of its numbers. -#}
select
    md5(
        persons.user_id || '|' || coalesce(sessions.source_session_id, '')
        || '|' || epoch_us(sessions.started_at)
    ) as session_id,
    persons.user_id,
    sessions.source_session_id,
    sessions.session_date,
    sessions.started_at,
    sessions.ended_at,
    epoch_us(sessions.ended_at - sessions.started_at) / 1e6 as duration_seconds,
    sessions.events_count,
    {% for segment in segment_columns() %}
    entry_kinds.{{ segment }},
    {% endfor %}
    entry_kinds.event_name as entry_event_name,
    exit_kinds.event_name as exit_event_name
from {{ ref('int_person_sessions') }} as sessions
inner join {{ ref('int_event_kinds') }} as entry_kinds
    on sessions.entry_kind_key = entry_kinds.kind_key
inner join {{ ref('int_event_kinds') }} as exit_kinds
    on sessions.exit_kind_key = exit_kinds.kind_key
left join {{ ref('int_persons') }} as persons on sessions.person_key = persons.person_key
