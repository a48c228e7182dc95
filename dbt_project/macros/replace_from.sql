{#- Incremental strategy of every dated model: delete the rows that can see a changed day, insert
    them as computed now, in one transaction. A model names its rule in config(sees_until=...):
    an expression over its own columns that gives the last product day whose events a row uses. It
    may call a macro (in braces): what is known only when the run starts is rendered here. The model's query yields exactly the rows with sees_until >= restate_from. -#}
{% macro get_incremental_replace_from_sql(arg_dict) -%}
    {%- set sees_until = render(config.require('sees_until')) -%}
    {%- set day = lake_restate_from() if config.get('restate', 'events') == 'lake' else restate_from() -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }} where {{ sees_until }} >= {{ day }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{%- endmacro %}
