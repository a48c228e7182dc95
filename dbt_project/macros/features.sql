{#- Rows that depend on all features at once: on what else a person used. -#}

{% macro features_key() -%}
    {#- What all features are, in one word. -#}
    {{ return(local_md5(definition_rows('features') | string)) }}
{%- endmacro %}

{% macro features_restate_from() -%}
    {#- restate_from of such rows: the beginning of time when the table was made by other features. -#}
    {%- set day = restate_from() -%}
    {%- if execute and is_incremental() -%}
        {%- set other = "select 1 from " ~ this ~ " where features_key != '" ~ features_key() ~ "' limit 1" -%}
        {%- if run_query(other).rows | length -%}{{ return("date '0001-01-01'") }}{%- endif -%}
    {%- endif -%}
    {{ return(day) }}
{%- endmacro %}
