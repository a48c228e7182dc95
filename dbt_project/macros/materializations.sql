{#- How a model becomes a table or a view: dbt's own ways with fewer statements, each of which costs
    more than what it does. DuckDB replaces a relation in one statement and rolls that back with its
    transaction, so that nothing is built under another name first. Hooks, indexes, grants and
    headers are not carried out: no model here has any. -#}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {% call statement('main') %}
        {{ make_room_for(target) }}
        {%- if config.get('contract').enforced -%}{{ get_assert_columns_equivalent(sql) }}{%- endif %}
        create or replace view {{ target }} as (
            {{ sql }}
        );
        {{ comments_on(target) }}
    {% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {% call statement('main') %}{{ replaced_table(target, sql) }}{% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() %}
        {% call statement('main') %}{{ replaced_table(target, sql) }}{% endcall %}
    {%- else %}
        {%- set new_rows = make_temp_relation(target) -%}
        {% call statement('new_rows') %}{{ create_table_as(True, new_rows, sql) }}{% endcall %}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.require('incremental_strategy')) -%}
        {% call statement('main') %}
            {{ strategy({
                'target_relation': target,
                'temp_relation': new_rows,
                'dest_columns': kept_columns(target, new_rows),
                'unique_key': config.get('unique_key'),
                'incremental_predicates': none,
            }) }};
            {{ comments_on(target) }}
        {% endcall %}
    {%- endif %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro replaced_table(target, sql) -%}
    {#- A table in place of what had its name. Rows go into the columns of the contract, if any. -#}
    {{ make_room_for(target) }}
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
    insert into {{ target }} {{ get_column_names() }} (
        {{ get_select_subquery(sql) }}
    );
    {%- else %}
    create or replace table {{ target }} as (
        {{ sql }}
    );
    {%- endif %}
    {{ comments_on(target) }}
{%- endmacro %}

{% macro make_room_for(target) -%}
    {#- A table is not replaced by a view, nor a view by a table. -#}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        drop {{ existing.type }} {{ existing }};
    {%- endif -%}
{%- endmacro %}

{% macro kept_columns(target, new_rows) -%}
    {#- The columns of a table that gets new rows. Should those have others, dbt does or says what the
        model's on_schema_change asks for. -#}
    {%- set query -%}
        select true as is_kept, column_name, column_type from (describe {{ target }})
        union all
        select false, column_name, column_type from (describe {{ new_rows }})
    {%- endset -%}
    {%- set columns = {true: [], false: []} -%}
    {%- for column in run_query(query).rows -%}
        {%- do columns[column.is_kept].append(api.Column.create(column.column_name, column.column_type)) -%}
    {%- endfor -%}
    {%- if columns[true] == columns[false] -%}{{ return(columns[true]) }}{%- endif -%}
    {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change')) -%}
    {{ return(process_schema_changes(on_schema_change, new_rows, target) or columns[true]) }}
{%- endmacro %}

{% macro comments_on(target) -%}
    {#- What a published relation and its columns are; the contract says that all are there. -#}
    {%- if config.persist_relation_docs() and model.description %}
    {{ alter_relation_comment(target, model.description) }}
    {%- endif %}
    {%- if config.persist_column_docs() %}
    {%- for column in model.columns.values() %}
    comment on column {{ target }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
    {%- endif %}
{%- endmacro %}
