{# Typed columns. The record's content is its values by column name, whatever their order. #}
insert into staged
with typed as (
    select
        {% for name in content_columns %}
        {{ name | ident }} as c{{ loop.index0 }},
        {% endfor %}
        file_row_number + 1 as record_number,
        cast(to_json(struct_pack(
            {% for name in content_columns %}
            {{ name | ident }} := {{ name | ident }}{{ "," if not loop.last }}
            {% endfor %}
        )) as varchar) as raw,
    from read_parquet({{ location | lit }}, file_row_number = true, hive_partitioning = false)
),

fields as (
    select
        *,
        cast(null as varchar) as failure,
        cast(null as varchar) as evidence,
        cast(null as varchar) as evidence_encoding,
        raw as content,
        {% include 'properties.sql' %} as properties,
    from typed
),

{% include 'judge.sql' %}
