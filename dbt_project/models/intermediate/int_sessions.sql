{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='session_date + {{ session_reach_days() }}',
    )
}}

{#- Sessions. A gap strictly greater than the time-out starts a new one; midnight does not; 24 hours
    after its first event a session is cut. Events with a source session id form a stream of their
    own per person and id, which only the 24 hours cut. A session belongs to the day it started, and
    sees events of the 24 hours after its start.

    With a time-out per platform, the platform of the event before the gap decides: that app is the
    one left waiting.

    Events are first summed per person, stream and bucket of the shortest time-out: inside a bucket
    no gap can exceed any, so the buckets give exactly the same sessions from far fewer rows. The
    first and the last event travel along as entry and exit: joining them back cost five times as
    much, and keeping the events for it six times the memory. -#}
{%- set first_day = restate_from() ~ ' - ' ~ session_reach_days() -%}
{%- set segment_names = segment_columns() -%}
{%- set timeout_by_platform = session_timeouts() | length > 0 -%}
{%- set day_seconds = 24 * 60 * 60 -%}

with events as not materialized (

    select
        user_id,
        coalesce(source_session_id, '') as stream_id,
        event_at,
        event_id,
        event_name,
        {{ comma_columns(segment_names) }}
        {% if timeout_by_platform %}
        {{ session_timeout_of('platform') }} as timeout_seconds,
        {% endif %}
        event_date
    from {{ ref('int_events_segmented') }}
    where {{ events_since(first_day) }}

),

{% if is_incremental() %}
reaching_sessions as (

    -- Sessions of earlier days that are kept: events up to their end are theirs already.
    select user_id, coalesce(source_session_id, '') as stream_id, max(ended_at) as ended_at
    from {{ this }}
    where session_date < {{ first_day }} and session_date >= {{ first_day }} - 2
    group by all

),

open_events as not materialized (

    select events.*
    from events
    left join reaching_sessions
        on events.user_id = reaching_sessions.user_id
        and events.stream_id = reaching_sessions.stream_id
    where reaching_sessions.ended_at is null or events.event_at > reaching_sessions.ended_at

),
{% else %}
open_events as not materialized (

    select * from events

),
{% endif %}

buckets as (

    select
        user_id,
        stream_id,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        count(*) as events_count,
        arg_min({{ packed(['event_name'] + segment_names) }}, (event_at, event_id)) as entry,
        {% if timeout_by_platform %}
        arg_max(timeout_seconds, (event_at, event_id)) as timeout_seconds,
        {% else %}
        {{ session_timeout_seconds() }} as timeout_seconds,
        {% endif %}
        arg_max(event_name, (event_at, event_id)) as exit_event_name
    from open_events
    group by
        user_id,
        stream_id,
        epoch_us(event_at) // {{ shortest_session_timeout() * 1000000 }}

),

marked_buckets as (

    select
        *,
        stream_id = ''
        and started_at - lag(ended_at) over stream
        > to_seconds(lag(timeout_seconds) over stream) as is_start,
        row_number() over stream = 1 as is_first
    from buckets
    window stream as (partition by user_id, stream_id order by started_at)

),

numbered_buckets as (

    select
        *,
        count(*) filter (where is_start or is_first) over (
            partition by user_id, stream_id order by started_at
            rows between unbounded preceding and current row
        ) as run_number
    from marked_buckets

),

runs as (

    select
        user_id,
        stream_id,
        run_number,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        cast(sum(events_count) as bigint) as events_count,
        arg_min(entry, started_at) as entry,
        arg_max(exit_event_name, ended_at) as exit_event_name
    from numbered_buckets
    group by user_id, stream_id, run_number

),

long_runs as (

    select *
    from runs
    where ended_at - started_at >= to_seconds({{ day_seconds }})

),

long_run_events as (

    select
        long_runs.user_id,
        long_runs.stream_id,
        long_runs.run_number,
        open_events.event_at,
        open_events.event_id,
        open_events.event_name,
        {{ packed(['event_name'] + segment_names, 'open_events') }} as entry
    from open_events
    inner join long_runs
        on open_events.user_id = long_runs.user_id
        and open_events.stream_id = long_runs.stream_id
        and open_events.event_at between long_runs.started_at and long_runs.ended_at

),

cuts as (

    -- Within a long run a session starts 24 hours after the start of the one before, or later.
    with recursive starts as (

        select user_id, stream_id, run_number, started_at
        from long_runs

        union all

        select
            starts.user_id,
            starts.stream_id,
            starts.run_number,
            min(long_run_events.event_at) as started_at
        from starts
        inner join long_run_events
            on starts.user_id = long_run_events.user_id
            and starts.stream_id = long_run_events.stream_id
            and starts.run_number = long_run_events.run_number
            and long_run_events.event_at >= starts.started_at + to_seconds({{ day_seconds }})
        group by starts.user_id, starts.stream_id, starts.run_number, starts.started_at

    )

    select * from starts

),

cut_sessions as (

    select
        long_run_events.user_id,
        long_run_events.stream_id,
        cuts.started_at,
        max(long_run_events.event_at) as ended_at,
        count(*) as events_count,
        arg_min(
            long_run_events.entry, (long_run_events.event_at, long_run_events.event_id)
        ) as entry,
        arg_max(
            long_run_events.event_name, (long_run_events.event_at, long_run_events.event_id)
        ) as exit_event_name
    from long_run_events
    asof join cuts
        on long_run_events.user_id = cuts.user_id
        and long_run_events.stream_id = cuts.stream_id
        and long_run_events.run_number = cuts.run_number
        and long_run_events.event_at >= cuts.started_at
    group by long_run_events.user_id, long_run_events.stream_id, cuts.started_at

),

sessions as (

    select user_id, stream_id, started_at, ended_at, events_count, entry, exit_event_name
    from runs
    where ended_at - started_at < to_seconds({{ day_seconds }})

    union all

    select user_id, stream_id, started_at, ended_at, events_count, entry, exit_event_name
    from cut_sessions

),

final as (

    select
        md5(user_id || '|' || stream_id || '|' || epoch_us(started_at)) as session_id,
        user_id,
        nullif(stream_id, '') as source_session_id,
        {{ product_date('started_at') }} as session_date,
        started_at,
        ended_at,
        epoch_us(ended_at - started_at) / 1e6 as duration_seconds,
        events_count,
        {% for segment in segment_names %}
        entry.{{ segment }},
        {% endfor %}
        entry.event_name as entry_event_name,
        exit_event_name
    from sessions

)

select * from final
