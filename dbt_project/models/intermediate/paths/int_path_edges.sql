{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'path', 'column': 'path_name'},
    )
}}

{#- Steps of all paths, counted per period of the event that a path leaves from or leads to. Every
    such event has a path of its own, so that no start is hidden by one before it: whoever enters a
    funnel at that event leaves the start here. At one instant the event of the path comes first in
    a path from it and last in one to it, as in a funnel; then the order is that of ids.

    A path walks along the stretches of its person (of its session): one event each, or a run of
    equal ones where repeats are collapsed. Steps are numbered from the path's event: 1 leads to it
    from (start), and in a path to an event, whose steps are numbered backwards, from it to (end). -#}
{%- set paths = paths() -%}
{%- do restate_from() -%}  {# read in every case, so that dbt knows of it #}

-- depends_on: {{ ref('int_events_identified') }}
-- depends_on: {{ ref('int_sessions') }}
with nothing as (

    select
        cast(null as varchar) as path_name,
        cast(null as date) as period_start,
        cast(null as bigint) as step_index,
        cast(null as varchar) as from_event,
        cast(null as varchar) as to_event,
        cast(null as bigint) as person,
        cast(null as bigint) as transitions_count,
        cast(null as date) as sees_until
    where false

),

{% for path in paths -%}
{%- set number = loop.index -%}
{%- set in_session = path.within_seconds is none -%}
{%- set forward = path.direction != 'to' -%}
{%- set reach = path_reach_days(path) -%}
{%- set sees = reach if forward else 0 -%}
{%- set first_day = path_first_day(path) -%}
{%- set first_read = first_day if forward and not in_session else first_day ~ ' - ' ~ reach -%}
{%- set window = 'to_seconds(' ~ (24 * 60 * 60 if in_session else path.within_seconds) ~ ')' -%}
{%- set unit = 'session_number' if in_session else 'person' -%}

path_{{ number }}_events as not materialized (

    select
        user_id,
        coalesce(source_session_id, '') as stream_id,
        event_at,
        event_id,
        event_date,
        {{ path_node(path) }} as node,
        {{ path_is_chosen(path) }} as is_chosen
    from {{ ref('int_events_identified') }}
    where {{ events_since(first_read) }}

),

path_{{ number }}_people as (

    -- Whoever has a path, and the span that all of his lie in: other events need no order. A
    -- number is carried from here on: it takes a fraction of the memory that an id does.
    select
        user_id,
        row_number() over () as person,
        min(event_at) as first_at,
        max(event_at) as last_at
    from path_{{ number }}_events
    where is_chosen and event_date >= {{ first_day }}
    group by user_id

),

{% if in_session -%}
path_{{ number }}_sessions as (

    select
        user_id,
        coalesce(source_session_id, '') as stream_id,
        started_at,
        session_date,
        row_number() over () as session_number
    from {{ ref('int_sessions') }}
    where session_date >= {{ first_read }} - {{ reach }}

),

{% endif -%}

path_{{ number }}_walks as (

    select
        events.* exclude (user_id, stream_id),
        people.person
        {% if in_session %},
        sessions.session_number,
        sessions.session_date
    {% endif %}
    from path_{{ number }}_events as events
    inner join path_{{ number }}_people as people
        on events.user_id = people.user_id
        and events.event_at >= people.first_at {{ '- ' ~ window if in_session or not forward }}
        and events.event_at <= people.last_at {{ '+ ' ~ window if in_session or forward }}
    {% if in_session %}
    asof join path_{{ number }}_sessions as sessions
        on events.user_id = sessions.user_id
        and events.stream_id = sessions.stream_id
        and events.event_at >= sessions.started_at
    {% endif %}

),

path_{{ number }}_ordered as (

    select
        *,
        row_number() over walk as place,
        count(*) over (partition by {{ unit }}) as places,
        coalesce(node != lag(node) over walk, true) as is_other
    from path_{{ number }}_walks
    window
        walk as (
            partition by {{ unit }}
            order by event_at, {{ 'not is_chosen' if forward else 'is_chosen' }}, event_id
        )

),

path_{{ number }}_placed as (

    select
        *,
    {% if path.collapse_repeats %}
    count(*) filter (where is_other) over (
        partition by {{ unit }} order by place
        rows between unbounded preceding and current row
        ) as stretch
    {% else %}
    place as stretch
    {% endif %}
    from path_{{ number }}_ordered

),

path_{{ number }}_stretches as (

    {% if path.collapse_repeats %}
    select
        {{ unit }} as unit_id,
        stretch,
        any_value(node) as node,
        {{ 'min' if forward else 'max' }}(event_at) as reached_at
    from path_{{ number }}_placed
    group by {{ unit }}, stretch
    {% else %}
    select {{ unit }} as unit_id, stretch, node, event_at as reached_at
    from path_{{ number }}_placed
    {% endif %}

),

path_{{ number }}_neighbours as (

    -- Each stretch and the one beyond it, seen from the path's event.
    select
        *,
        {{ 'lead' if forward else 'lag' }}(node) over walk as beyond_node,
        {{ 'lead' if forward else 'lag' }}(reached_at) over walk as beyond_at
    from path_{{ number }}_stretches
    window walk as (partition by unit_id order by stretch)

),

path_{{ number }}_begun as (

    select
        person,
        {{ unit }} as unit_id,
        event_at as begun_at,
        stretch,
        {{ 'places - place + 1' if forward else 'place' }} as longest,
        node,
        {{ period_start(path.interval, 'event_date') }} as period_start
    from path_{{ number }}_placed
    where
    {% if path.direction == 'session' %}
        place = 1 and session_date >= {{ first_day }}
        {% else %}
        is_chosen and event_date >= {{ first_day }}
    {% endif %}

),

path_{{ number }}_steps as (

    select *, unnest(range(0, least({{ path.steps - 1 }}, longest))) as distance
    from path_{{ number }}_begun

),

path_{{ number }}_edges as (

    select
        person,
        period_start,
        1 as step_index,
        {% if forward %}
        '(start)' as from_event,
        node as to_event
        {% else %}
        node as from_event,
        '(end)' as to_event
        {% endif %}
    from path_{{ number }}_begun

    union all

    select
        steps.person,
        steps.period_start,
        steps.distance + 2 as step_index,
        {% if forward %}
        neighbours.node as from_event,
        case when {{ path_goes_on(path) }} then neighbours.beyond_node else '(end)' end as to_event
        {% else %}
        case
            when {{ path_goes_on(path) }} then neighbours.beyond_node else '(start)'
        end as from_event,
        neighbours.node as to_event
        {% endif %}
    from path_{{ number }}_steps as steps
    inner join path_{{ number }}_neighbours as neighbours
        on steps.unit_id = neighbours.unit_id
        and steps.stretch {{ '+' if forward else '-' }} steps.distance = neighbours.stretch
        {% if not in_session and forward %}
        and steps.begun_at + {{ window }} >= neighbours.reached_at
        {% elif not in_session %}
        and steps.begun_at - {{ window }} <= neighbours.reached_at
        {% endif %}

),

path_{{ number }}_people_edges as (

    select
        {{ literal(path.path_name) }} as path_name,
        period_start,
        step_index,
        from_event,
        to_event,
        person,
        count(*) as transitions_count,
        {{ next_period_start(path.interval, 'period_start') }} - 1 + {{ sees }} as sees_until
    from path_{{ number }}_edges
    group by all

),

{% endfor -%}

edges as (

    select * from nothing
    {% for path in paths %}
    union all
    select * from path_{{ loop.index }}_people_edges
    {% endfor %}

),

beginners as (

    select path_name, period_start, count(distinct person) as path_users
    from edges
    where step_index = 1
    group by path_name, period_start

),

final as (

    select
        edges.path_name,
        edges.period_start,
        edges.step_index,
        edges.from_event,
        edges.to_event,
        count(*) as users_count,
        cast(sum(edges.transitions_count) as bigint) as transitions_count,
        any_value(beginners.path_users) as path_users,
        edges.sees_until
    from edges
    inner join beginners using (path_name, period_start)
    group by all

)

select * from final
