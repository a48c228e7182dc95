{#- Break-downs. In wide tables each segment is a column segment_<position>; in the published
    tables it is a row (segment_name, segment_value), with ('all', 'all') for the total. -#}

{% macro segment_columns() -%}
    {#- The names of the wide columns, in order. -#}
    {%- set names = [] -%}
    {%- for segment in segments() -%}{%- do names.append('segment_' ~ segment.position) -%}{%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro segment_expressions() -%}
    {#- `<expression> as segment_<position>,` for each segment; a missing value is (none). -#}
    {%- for segment in segments() %}
        coalesce(cast({{ segment.expression }} as varchar), '(none)') as segment_{{ segment.position }},
    {%- endfor -%}
{%- endmacro %}

{% macro segment_cohorts() -%}
    {#- The names of the cohorts that events are segmented by, in any family. -#}
    {{ return(definition_rows('segment_cohorts') | map(attribute='cohort_name') | list) }}
{%- endmacro %}

{% macro with_cohorts(events, memberships) -%}
    {#- The events with a column for each such cohort: whether the event happened in it. Intervals
        of a person do not overlap, so that each event stays one. -#}
    select
        {% for name in segment_cohorts() %}
        case when in_{{ name }}.user_id is null then 'out' else 'in' end as cohort_{{ name }},
        {% endfor %}
        events.*
    from {{ events }} as events
    {% for name in segment_cohorts() %}
    left join {{ memberships }} as in_{{ name }}
        on events.user_id = in_{{ name }}.user_id
        and in_{{ name }}.cohort_name = {{ literal(name) }}
        and events.event_at >= in_{{ name }}.entered_at
        and events.event_at < coalesce(in_{{ name }}.left_at, timestamp 'infinity')
    {% endfor %}
{%- endmacro %}

{% macro with_segments(events, memberships) -%}
    {#- The events with segment_1, segment_2, ...: the one place where they get their values. -#}
    {%- if segment_cohorts() %}
    with events as (

        {{ with_cohorts(events, memberships) }}

    )

    {% endif -%}
    select
        {{ segment_expressions() }}
        events.*
    from {{ 'events' if segment_cohorts() else events ~ ' as events' }}
{%- endmacro %}

{% macro comma_columns(columns) -%}
    {#- `a, b, ` or nothing: a list of columns that other columns follow. -#}
    {%- for column in columns %}{{ column }}, {% endfor -%}
{%- endmacro %}

{% macro each_segment() -%}
    {#- The total and every segment, as dicts of SQL literals: name, value. Loop over it to build
        one select per break-down. -#}
    {%- set rows = [{'name': "'all'", 'value': "'all'"}] -%}
    {%- for segment in segments() -%}
        {%- do rows.append({'name': literal(segment.segment_name), 'value': 'segment_' ~ segment.position}) -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

{% macro packed(columns, relation=none) -%}
    {#- One struct of several columns, for an aggregate that must take them from the same row. -#}
    struct_pack(
        {%- for column in columns -%}
            {{ column }} := {{ relation ~ '.' if relation }}{{ column }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
