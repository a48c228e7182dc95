{#- The events that matter to a funnel, of the days that this run reads: those that match a step or
    an exclusion, of a strict funnel every one. One row per counting unit: with held properties the
    person and each combination of their values that the event carries. A funnel that asks for names
    and the product's break-downs alone reads them in numbers, without ids: its values are those of
    the event's kind. The others read the lake, and with one of them there are columns of text, which
    are dear to write even where they are empty. Of a funnel that an experiment follows, only what a
    unit did within its window. -#}
{%- set text_columns = funnel_text_columns() -%}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_exposures') }}

with numbered_events as not materialized (

    select
        events.*,
        persons.person_key,
        cast(null as integer) as kind_key
    from {{ ref('int_events_segmented') }} as events
    left join {{ ref('int_persons') }} as persons on events.user_id = persons.user_id

),

events_in_sessions as not materialized (

    {{ with_session('numbered_events', ref('int_sessions')) }}

),

coded_events as not materialized (

    select
        listed.event_date,
        listed.event_name,
        listed.events,
        {% for segment in segment_columns() -%}
        listed.{{ segment }},
        {% endfor -%}
        kinds.kind_key,
        cast(null as varchar) as event_id
    from {{ ref('int_events_listed') }} as listed
    inner join {{ ref('int_event_kinds') }} as kinds
        on listed.event_name = kinds.event_name
        {% for segment in segment_columns() -%}
        and listed.{{ segment }} = kinds.{{ segment }}
        {% endfor %}

),

{% for funnel in definition_rows('funnels') %}
{%- set steps = funnel_rows('funnel_steps', funnel.funnel_name) %}
{%- set exclusions = funnel_rows('funnel_exclusions', funnel.funnel_name) %}
{%- set holds = funnel_rows('funnel_holds', funnel.funnel_name) %}
{%- set segments = funnel_rows('funnel_segments', funnel.funnel_name) %}
{%- set names = (steps + exclusions) | map(attribute='event_name') | list %}
{%- set in_sessions = holds | selectattr('expression', 'none') | list | length > 0 %}
{%- set is_coded = funnel_is_coded(funnel) %}
funnel_{{ loop.index }} as not materialized (

    select
        {{ funnel_unit_key('events.person_key', loop.index) }} as unit_key,
        {% if has_holds() -%}
        {% if holds | length > 1 -%}
        cast(to_json([
            {%- for hold in holds %}held_{{ loop.index }}.held_value{{ ', ' if not loop.last }}{% endfor -%}
        ]) as varchar)
        {%- elif holds -%}
        held_1.held_value
        {%- else -%}
        ''
        {%- endif %} as hold_constant_value,
        {% endif -%}
        events.event_at,
        events.event_date,
        events.kind_key,
        cast({{ funnel_mask(funnel_matchers(steps | rejectattr('required_index', 'none') | list, 'required_index')) }} as bigint) as steps_mask,
        cast({{ funnel_mask(funnel_matchers(steps | selectattr('required_index', 'none') | list, 'step_index')) }} as bigint) as optional_mask,
        cast({{ funnel_mask(funnel_matchers(exclusions, 'position')) }} as bigint) as exclusions_mask,
        {% for column in text_columns %}
        {% if column == 'event_id' -%}
        events.event_id
        {%- elif is_coded or loop.index0 > segments | length -%}
        cast(null as varchar) as {{ column }}
        {%- else -%}
        coalesce(cast({{ segments[loop.index0 - 1].expression }} as varchar), '(none)') as {{ column }}
        {%- endif %},
        {% endfor -%}
        {{ funnel.event_order == 'strict' }} as is_strict
    {% if is_coded -%}
    from (
        select * exclude (events), unnest(events, recursive := true) from coded_events
        where
            event_date >= {{ funnel_first_day(funnel) }}
            {% if funnel.event_order != 'strict' and none not in names -%}
            and event_name in ({{ literals(names) }})
            {%- endif %}
    ) as events
    {%- else -%}
    from {{ 'events_in_sessions' if in_sessions else 'numbered_events' }} as events
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
    {%- endif %}

),
{% endfor %}
all_funnels as not materialized (
    {% for funnel in definition_rows('funnels') %}
    select * from funnel_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as bigint) as unit_key,
        event_at,
        event_date,
        kind_key,
        cast(0 as bigint) as steps_mask,
        cast(0 as bigint) as optional_mask,
        cast(0 as bigint) as exclusions_mask,
        false as is_strict
    from numbered_events
    where false
    {% endfor %}
)

select
    {{ funnel_unit() }},
    event_at,
    event_date,
    kind_key,
    steps_mask,
    optional_mask,
    {{ comma_columns(text_columns) }}
    exclusions_mask
from all_funnels
where is_strict or steps_mask + optional_mask + exclusions_mask > 0
