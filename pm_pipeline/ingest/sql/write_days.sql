{% from 'lake_rows.sql' import rows_of %}
{# `property_columns`: by name the SQL of columns that the files get beside `properties`. #}
{% macro extracted(columns) %}
{% for name, expression in columns.items() %}
{{ expression }} as {{ name | ident }},
{% endfor %}
{% endmacro %}
copy (
    select
        {% for name in lake_columns %}
        {{ name | ident }},
        {% endfor %}
        {% if kind == 'duplicates' %}
        state,
        {% endif %}
        utc_date,
        {{ extracted(property_columns) }}
    from additions
    where kind = {{ kind | lit }} and utc_date between {{ first_day | lit }} and {{ last_day | lit }}
    {% if files %}
    union all
    select
        {% for name in lake_columns %}
        lake.{{ name | ident }},
        {% endfor %}
        {% if kind == 'duplicates' %}
        lake.state,
        {% endif %}
        cast(lake.event_at as date) as utc_date,
        {{ extracted(property_columns) }}
    from {{ rows_of(lake_columns, files) }} as lake
    anti join removed_files as removed on lake.file_id = removed.file_id
    anti join moves on lake.file_id = moves.file_id and lake.record_number = moves.record_number
    {% endif %}
) to {{ folder | lit }} (
    format parquet,
    compression zstd,
    partition_by (utc_date),
    overwrite_or_ignore
)
