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
{%- set timeout_by_platform = session_timeouts() | length > 0 -%}
{%- set offset = 'epoch_us(event_at) % ' ~ bucket_microseconds() -%}

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

    select
        person_key,
        stream_id,
        {{ kinds_at_both_ends(offset) }}
        {% if timeout_by_platform %}
        {{ extreme_at('last', 'timeout_seconds', offset, 'least') }} as least_timeout_seconds,
        {{ extreme_at('last', 'timeout_seconds', offset, 'greatest') }} as timeout_seconds,
        {% else %}
        {{ session_timeout_seconds() }} as timeout_seconds,
        {% endif %}
        min(event_at) as started_at,
        max(event_at) as ended_at,
        count(*) as events_count
    from open_events
    group by person_key, stream_id, epoch_us(event_at) // {{ bucket_microseconds() }}

),

{% if timeout_by_platform %}
disputed_ends as (

    select person_key, stream_id, ended_at as event_at
    from buckets
    where least_timeout_seconds != timeout_seconds

),

last_events as (

    {{ events_at_instants('disputed_ends', first_day) }}

),

timed_buckets as (

    select
        buckets.* exclude (timeout_seconds),
        coalesce(last_events.last_timeout_seconds, buckets.timeout_seconds) as timeout_seconds
    from buckets
    left join last_events
        on buckets.person_key = last_events.person_key
        and buckets.stream_id = last_events.stream_id
        and buckets.ended_at = last_events.event_at

),
{% else %}
timed_buckets as (

    select * from buckets

),
{% endif %}

neighbours as (

    select
        *,
        lag(ended_at) over stream as previous_ended_at,
        lag(timeout_seconds) over stream as previous_timeout_seconds,
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
            and started_at - previous_ended_at > to_seconds(previous_timeout_seconds)
        ) as is_start,
        next_started_at is null
        or (stream_id = '' and next_started_at - ended_at > to_seconds(timeout_seconds))
            as is_end
    from neighbours

),

numbered_buckets as (

    -- Most buckets are a session of their own; only the others have to be put together.
    select
        *,
        count(*) filter (where is_start) over (
            partition by person_key, stream_id order by started_at
            rows between unbounded preceding and current row
        ) as run_number
    from marked_buckets
    where not (is_start and is_end)

),

runs as (

    select
        person_key, stream_id, entry_least, entry_greatest, exit_least, exit_greatest,
        started_at, ended_at, events_count
    from marked_buckets
    where is_start and is_end

    union all

    select
        person_key,
        stream_id,
        arg_min(entry_least, started_at) as entry_least,
        arg_min(entry_greatest, started_at) as entry_greatest,
        arg_max(exit_least, started_at) as exit_least,
        arg_max(exit_greatest, started_at) as exit_greatest,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        cast(sum(events_count) as bigint) as events_count
    from numbered_buckets
    group by person_key, stream_id, run_number

),

sessions as (

    select *
    from runs
    where ended_at - started_at < interval 24 hour

    union all by name

    select *
    from ({{ cut_after_24_hours('runs', 'open_events') }}) as cut_sessions

),

disputed_instants as (

    select person_key, stream_id, started_at as event_at
    from sessions
    where entry_least != entry_greatest

    union

    select person_key, stream_id, ended_at as event_at
    from sessions
    where exit_least != exit_greatest

),

first_by_id as (

    {{ events_at_instants('disputed_instants', first_day) }}

),

final as (

    select
        sessions.person_key,
        nullif(sessions.stream_id, '') as source_session_id,
        {{ product_date('sessions.started_at') }} as session_date,
        sessions.started_at,
        sessions.ended_at,
        sessions.events_count,
        cast(coalesce(entries.first_kind_key, sessions.entry_least) as integer) as entry_kind_key,
        cast(coalesce(exits.last_kind_key, sessions.exit_least) as integer) as exit_kind_key
    from sessions
    left join first_by_id as entries
        on sessions.person_key = entries.person_key
        and sessions.stream_id = entries.stream_id
        and sessions.started_at = entries.event_at
    left join first_by_id as exits
        on sessions.person_key = exits.person_key
        and sessions.stream_id = exits.stream_id
        and sessions.ended_at = exits.event_at

)

select * from final
