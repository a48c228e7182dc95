{#- The events that matter to a funnel, of the days that this run reads: those that match a step or
    an exclusion, of a strict funnel every one. One row per counting unit: with held properties the
    person and each combination of their values that the event carries. Of a funnel that an
    experiment follows, only what a unit did within its window. -#}
{%- set segment_columns = funnel_segment_columns() -%}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_exposures') }}

with events_in_sessions as not materialized (

    {{ with_session(ref('int_events_segmented'), ref('int_sessions')) }}

),

{% for funnel in definition_rows('funnels') %}
{%- set steps = funnel_rows('funnel_steps', funnel.funnel_name) %}
{%- set exclusions = funnel_rows('funnel_exclusions', funnel.funnel_name) %}
{%- set holds = funnel_rows('funnel_holds', funnel.funnel_name) %}
{%- set segments = funnel_rows('funnel_segments', funnel.funnel_name) %}
{%- set names = (steps + exclusions) | map(attribute='event_name') | list %}
{%- set in_sessions = holds | selectattr('expression', 'none') | list | length > 0 %}
funnel_{{ loop.index }} as not materialized (

    select
        {{ literal(funnel.funnel_name) }} as funnel_name,
        events.user_id,
        {% if holds | length > 1 -%}
        cast(to_json([
            {%- for hold in holds %}held_{{ loop.index }}.held_value{{ ', ' if not loop.last }}{% endfor -%}
        ]) as varchar)
        {%- elif holds -%}
        held_1.held_value
        {%- else -%}
        ''
        {%- endif %} as hold_constant_value,
        events.event_at,
        events.event_date,
        events.event_id,
        cast({{ funnel_mask(funnel_matchers(steps | rejectattr('required_index', 'none') | list, 'required_index')) }} as bigint) as steps_mask,
        cast({{ funnel_mask(funnel_matchers(steps | selectattr('required_index', 'none') | list, 'step_index')) }} as bigint) as optional_mask,
        cast({{ funnel_mask(funnel_matchers(exclusions, 'position')) }} as bigint) as exclusions_mask,
        {% for column in segment_columns %}
        {% if loop.index <= segments | length -%}
        coalesce(cast({{ segments[loop.index0].expression }} as varchar), '(none)')
        {%- else -%}
        cast(null as varchar)
        {%- endif %} as {{ column }},
        {% endfor -%}
        {{ funnel.event_order == 'strict' }} as is_strict
    from {{ 'events_in_sessions' if in_sessions else ref('int_events_segmented') }} as events
    {%- if funnel.experiment_name %}
    inner join ({{ followed_units(funnel.experiment_name) }}) as units
        on events.user_id = units.followed_user_id
        and events.event_at >= units.followed_from
        and events.event_at < units.followed_until
        and events.event_id != units.exposed_by_event_id
    {%- endif %}
    {%- for hold in holds %}
    cross join unnest({{ held_values(hold) }}) as held_{{ loop.index }} (held_value)
    {% endfor %}
    where
        {{ events_since(funnel_first_day(funnel)) }}
        {% if funnel.event_order != 'strict' and none not in names -%}
        and events.event_name in ({{ literals(names) }})
        {%- endif %}
        {%- for hold in holds %}
        and held_{{ loop.index }}.held_value is not null
        {%- endfor %}

),
{% endfor %}
all_funnels as not materialized (
    {% for funnel in definition_rows('funnels') %}
    select * from funnel_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as funnel_name,
        user_id,
        '' as hold_constant_value,
        event_at,
        event_date,
        event_id,
        cast(0 as bigint) as steps_mask,
        cast(0 as bigint) as optional_mask,
        cast(0 as bigint) as exclusions_mask,
        false as is_strict
    from {{ ref('int_events_segmented') }}
    where false
    {% endfor %}
)

select
    funnel_name,
    user_id,
    hold_constant_value,
    event_at,
    event_date,
    event_id,
    steps_mask,
    optional_mask,
    exclusions_mask{% for column in segment_columns %},
    {{ column }}{% endfor %}
from all_funnels
where is_strict or steps_mask + optional_mask + exclusions_mask > 0
