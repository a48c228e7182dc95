{# Rows of lake files as a derived table: `rows_of(columns, files)`, files with location and kind. #}
{% macro rows_of(columns, files) -%}
(
    {% set events = files | selectattr('kind', 'equalto', 'events') | map(attribute='location') | list %}
    {% set others = files | selectattr('kind', 'equalto', 'duplicates') | map(attribute='location') | list %}
    select
        {{ columns | join(', ') }},
        'event' as state,
        '' as filename,
    from empty_lake
    {% if events %}
    union all
    select
        {{ columns | join(', ') }},
        'event' as state,
        filename,
    from read_parquet([{{ events | lits }}], filename = true, hive_partitioning = false)
    {% endif %}
    {% if others %}
    union all
    select
        {{ columns | join(', ') }},
        state,
        filename,
    from read_parquet([{{ others | lits }}], filename = true, hive_partitioning = false)
    {% endif %}
)
{%- endmacro %}
