{#- Steps of int_person_sessions that stand for themselves. -#}

{% macro number_range() -%}
    {#- More than there are kinds of events; 24 hours in microseconds times this fit 64 bits. -#}
    {{ return(2 ** 26) }}
{%- endmacro %}

{% macro bucket_microseconds() -%}
    {#- Inside a bucket no gap exceeds any time-out, and all instants lie within 24 hours. -#}
    {{ return(([shortest_session_timeout(), 24 * 60 * 60] | min) * 1000000) }}
{%- endmacro %}

{% macro extreme_at(edge, number, offset, extreme) -%}
    {#- Of a group of events the least or greatest number (a kind, a time-out) among those at its
        first or last instant. Offset and number lie in one integer, so that it is a plain minimum
        or maximum. Where least and greatest differ, several events share the instant. -#}
    {%- set aggregate = 'min' if edge == 'first' else 'max' -%}
    {%- set top = number_range() - 1 -%}
    {%- if (edge == 'first') == (extreme == 'least') -%}
    {{ aggregate }}(({{ offset }}) * {{ number_range() }} + {{ number }}) % {{ number_range() }}
    {%- else -%}
    {{ top }} - {{ aggregate }}(({{ offset }}) * {{ number_range() }} + {{ top }} - {{ number }}) % {{ number_range() }}
    {%- endif -%}
{%- endmacro %}

{% macro kinds_at_both_ends(offset) -%}
    {%- for edge, name in [('first', 'entry'), ('last', 'exit')] -%}
    {%- for extreme in ['least', 'greatest'] %}
    {{ extreme_at(edge, 'kind_key', offset, extreme) }} as {{ name }}_{{ extreme }},
    {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{% macro timeout_of(which='') -%}
    {#- The time-out of a bucket (of the 'previous_' one): one for all unless platforms have their own. -#}
    {{ return(which ~ 'timeout_seconds' if session_timeouts() else session_timeout_seconds()) }}
{%- endmacro %}

{% macro is_longer_than(since, until, seconds) -%}
    {#- Whole numbers: comparing intervals costs several times as much. -#}
    epoch_us({{ until }}) - epoch_us({{ since }}) > cast({{ seconds }} as bigint) * 1000000
{%- endmacro %}

{% macro is_24_hours(since, until) -%}
    epoch_us({{ until }}) - epoch_us({{ since }}) >= 86400000000
{%- endmacro %}

{% macro bucketed(events) -%}
    {#- Events summed per person, stream and bucket. -#}
    {%- set offset = 'epoch_us(event_at) % ' ~ bucket_microseconds() -%}
    select
        person_key,
        stream_id,
        {{ kinds_at_both_ends(offset) }}
        {% if session_timeouts() %}
        {{ extreme_at('last', 'timeout_seconds', offset, 'least') }} as least_timeout_seconds,
        {{ extreme_at('last', 'timeout_seconds', offset, 'greatest') }} as timeout_seconds,
        {% endif %}
        min(event_at) as started_at,
        max(event_at) as ended_at,
        count(*) as events_count
    from {{ events }}
    group by person_key, stream_id, epoch_us(event_at) // {{ bucket_microseconds() }}
{%- endmacro %}

{% macro with_last_timeout(buckets, since) -%}
    {#- Where several platforms share a bucket's last instant, the time-out of the last by event_id. -#}
    {%- if not session_timeouts() %}
    select * from {{ buckets }}
    {%- else %}
    with disputed_ends as (

        select person_key, stream_id, ended_at as event_at
        from {{ buckets }}
        where least_timeout_seconds != timeout_seconds

    ),

    last_events as (

        {{ events_at_instants('disputed_ends', since) }}

    )

    select
        buckets.* exclude (timeout_seconds),
        coalesce(last_events.last_timeout_seconds, buckets.timeout_seconds) as timeout_seconds
    from {{ buckets }} as buckets
    left join last_events
        on buckets.person_key = last_events.person_key
        and buckets.stream_id = last_events.stream_id
        and buckets.ended_at = last_events.event_at
    {%- endif %}
{%- endmacro %}

{% macro runs_of_buckets(marked_buckets) -%}
    {#- Stretches without a gap. Most buckets are one of their own; only the others have to be put
        together. -#}
    with numbered_buckets as (

        select
            *,
            count(*) filter (where is_start) over (
                partition by person_key, stream_id order by started_at
                rows between unbounded preceding and current row
            ) as run_number
        from {{ marked_buckets }}
        where not (is_start and is_end)

    )

    select
        person_key, stream_id, entry_least, entry_greatest, exit_least, exit_greatest,
        started_at, ended_at, events_count
    from {{ marked_buckets }}
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
{%- endmacro %}

{% macro with_kinds_at_ends(sessions, since) -%}
    {#- Entry and exit of each session; of several events at one instant the first (last) by event_id.
        Nearly all sessions have one at either end: only the others are looked up. -#}
    with disputed_instants as (

        select person_key, stream_id, started_at as event_at
        from {{ sessions }}
        where entry_least != entry_greatest

        union

        select person_key, stream_id, ended_at as event_at
        from {{ sessions }}
        where exit_least != exit_greatest

    ),

    first_by_id as (

        {{ events_at_instants('disputed_instants', since) }}

    )

    select
        *,
        entry_least as entry_kind_key,
        exit_least as exit_kind_key
    from {{ sessions }}
    where entry_least = entry_greatest and exit_least = exit_greatest

    union all

    select
        sessions.*,
        coalesce(entries.first_kind_key, sessions.entry_least) as entry_kind_key,
        coalesce(exits.last_kind_key, sessions.exit_least) as exit_kind_key
    from {{ sessions }} as sessions
    left join first_by_id as entries
        on sessions.person_key = entries.person_key
        and sessions.stream_id = entries.stream_id
        and sessions.started_at = entries.event_at
    left join first_by_id as exits
        on sessions.person_key = exits.person_key
        and sessions.stream_id = exits.stream_id
        and sessions.ended_at = exits.event_at
    where
        sessions.entry_least != sessions.entry_greatest
        or sessions.exit_least != sessions.exit_greatest
{%- endmacro %}

{% macro events_at_instants(instants, since) -%}
    {#- The first and the last by event_id of the events at each of some people's instants. Ids are
        half of the lake and are read for these alone; without any instant, not at all. -#}
    select
        wanted.person_key,
        wanted.stream_id,
        wanted.event_at,
        arg_min(kinds.kind_key, events.event_id) as first_kind_key,
        arg_max(kinds.kind_key, events.event_id) as last_kind_key,
        arg_max(
            {{ session_timeout_of('events.platform') if session_timeouts() else session_timeout_seconds() }},
            events.event_id
        ) as last_timeout_seconds
    from {{ ref('int_events_segmented') }} as events
    inner join (
        select {{ instants }}.*, persons.user_id
        from {{ instants }}
        inner join {{ ref('int_persons') }} as persons using (person_key)
    ) as wanted
        on events.event_at = wanted.event_at
        and events.user_id = wanted.user_id
        and coalesce(events.source_session_id, '') = wanted.stream_id
    inner join {{ ref('int_event_kinds') }} as kinds on events.event_name = kinds.event_name
        {% for segment in segment_columns() -%}
        and events.{{ segment }} = kinds.{{ segment }}
        {% endfor %}
    where {{ events_since(since, 'events') }}
    group by wanted.person_key, wanted.stream_id, wanted.event_at
{%- endmacro %}

{% macro cut_after_24_hours(runs, events) -%}
    {#- Runs of 24 hours or more, cut: within one a session starts 24 hours after the start of the
        one before, or later. -#}
    {%- set day = 'interval 24 hour' -%}
    with recursive long_runs as (

        select person_key, stream_id, started_at as run_started_at, ended_at as run_ended_at
        from {{ runs }}
        where {{ is_24_hours('started_at', 'ended_at') }}

    ),

    long_run_events as (

        select events.*, long_runs.run_started_at
        from {{ events }} as events
        inner join long_runs
            on events.person_key = long_runs.person_key
            and events.stream_id = long_runs.stream_id
            and events.event_at between long_runs.run_started_at and long_runs.run_ended_at

    ),

    starts as (

        select person_key, stream_id, run_started_at, run_started_at as started_at
        from long_runs

        union all

        select
            starts.person_key,
            starts.stream_id,
            starts.run_started_at,
            min(events.event_at) as started_at
        from starts
        inner join long_run_events as events
            on starts.person_key = events.person_key
            and starts.stream_id = events.stream_id
            and starts.run_started_at = events.run_started_at
            and events.event_at >= starts.started_at + {{ day }}
        group by starts.person_key, starts.stream_id, starts.run_started_at, starts.started_at

    )

    select
        events.person_key,
        events.stream_id,
        {{ kinds_at_both_ends('epoch_us(events.event_at - starts.started_at)') }}
        starts.started_at,
        max(events.event_at) as ended_at,
        count(*) as events_count
    from long_run_events as events
    asof join starts
        on events.person_key = starts.person_key
        and events.stream_id = starts.stream_id
        and events.run_started_at = starts.run_started_at
        and events.event_at >= starts.started_at
    group by events.person_key, events.stream_id, starts.started_at
{%- endmacro %}
