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
        where ended_at - started_at >= {{ day }}

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
