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

{% macro with_segments(events) -%}
    {#- The events with segment_1, segment_2, ...: the one place where they get their values. -#}
    select
        {{ segment_expressions() }}
        events.*
    from {{ events }} as events
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
        {%- do rows.append({'name': "'" ~ segment.segment_name ~ "'", 'value': 'segment_' ~ segment.position}) -%}
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
