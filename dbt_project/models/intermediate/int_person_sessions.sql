{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='session_date + {{ session_reach_days() }}',
    )
}}

{#- Sessions, in numbers. A gap strictly greater than the time-out starts a new one; midnight does
    not; 24 hours after its first event a session is cut. Events with a source session id form a
    stream of their own per person and id, which only the 24 hours cut. A session belongs to the day
    it started, and sees events of the 24 hours after its start.

    With a time-out per platform, the platform of the event before the gap decides: that app is the
    one left waiting. Several events at one instant go by event_id.

    Events are first summed per person, stream and bucket of the shortest time-out: inside a bucket
    no gap can exceed any, so the buckets give exactly the same sessions from far fewer rows. -#}
{%- set first_day = restate_from() ~ ' - ' ~ session_reach_days() -%}

with events as not materialized (

    select * exclude (source_session_id), coalesce(source_session_id, '') as stream_id
    from {{ ref('int_events_coded') }}
    where event_date >= {{ first_day }}

),

{% if is_incremental() %}
reaching_sessions as (

    -- Sessions of earlier days that are kept: events up to their end are theirs already.
    select person_key, coalesce(source_session_id, '') as stream_id, max(ended_at) as ended_at
    from {{ this }}
    where session_date < {{ first_day }} and session_date >= {{ first_day }} - 2
    group by all

),

open_events as not materialized (

    select events.*
    from events
    left join reaching_sessions
        on events.person_key = reaching_sessions.person_key
        and events.stream_id = reaching_sessions.stream_id
    where reaching_sessions.ended_at is null or events.event_at > reaching_sessions.ended_at

),
{% else %}
open_events as not materialized (

    select * from events

),
{% endif %}

buckets as (

    {{ bucketed('open_events') }}

),

timed_buckets as (

    {{ with_last_timeout('buckets', first_day) }}

),

neighbours as (

    select
        *,
        lag(ended_at) over stream as previous_ended_at,
        {% if session_timeouts() %}
        lag(timeout_seconds) over stream as previous_timeout_seconds,
        {% endif %}
        lead(started_at) over stream as next_started_at
    from timed_buckets
    window stream as (partition by person_key, stream_id order by started_at)

),

marked_buckets as (

    select
        *,
        previous_ended_at is null
        or (
            stream_id = ''
            and {{ is_longer_than('previous_ended_at', 'started_at', timeout_of('previous_')) }}
        ) as is_start,
        next_started_at is null
        or (stream_id = '' and {{ is_longer_than('ended_at', 'next_started_at', timeout_of()) }})
            as is_end
    from neighbours

),

runs as (

    {{ runs_of_buckets('marked_buckets') }}

),

sessions as (

    select *
    from runs
    where not {{ is_24_hours('started_at', 'ended_at') }}

    union all by name

    select *
    from ({{ cut_after_24_hours('runs', 'open_events') }}) as cut_sessions

),

named_ends as (

    {{ with_kinds_at_ends('sessions', first_day) }}

)

select
    person_key,
    nullif(stream_id, '') as source_session_id,
    {{ product_date('started_at') }} as session_date,
    started_at,
    ended_at,
    events_count,
    cast(entry_kind_key as integer) as entry_kind_key,
    cast(exit_kind_key as integer) as exit_kind_key
from named_ends
