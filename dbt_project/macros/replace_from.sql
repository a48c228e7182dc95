{#- Incremental strategy of every dated model: delete the rows that can see a changed day, insert
    them as computed now, in one transaction. A model names its rule in config(sees_until=...):
    an expression over its own columns that gives the last product day whose events a row uses. It
    may call a macro (in braces): what is known only when the run starts is rendered here. The model's query yields exactly the rows with sees_until >= restate_from.

    Rows of named definitions say so in config(definition={'kind': ..., 'column': ...}), with
    'where' when other rows lie in the same table: rows of a definition that is gone are deleted,
    and all rows of one that changed.

    With a unique_key the query may also yield rows in place of older ones, which something else than
    a day's events changed: those with a key that it gives go. -#}
{% macro get_incremental_replace_from_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set sees_until = render(config.require('sees_until')) -%}
    {%- set definition = config.get('definition') -%}
    {%- if config.get('restate', 'events') == 'lake' -%}{%- set day = lake_restate_from() -%}
    {%- elif definition -%}{%- set day = restate_from(definition.kind, column=definition.column) -%}
    {%- else -%}{%- set day = restate_from() -%}
    {%- endif -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {% if definition %}
    delete from {{ target }}
    where
        {{ definition.get('where', 'true') }}
        and coalesce({{ definition.column }} not in ({{ literals(definition_names(definition.kind)) }}), true);
    {% endif %}
    delete from {{ target }} where {{ sees_until }} >= {{ day }};
    {% if config.get('unique_key') %}
    delete from {{ target }} using (
        select distinct {{ config.get('unique_key') | join(', ') }} from {{ arg_dict['temp_relation'] }}
    ) as given
    where
        {% for column in config.get('unique_key') -%}
        {{ target }}.{{ column }} = given.{{ column }} {{- ' and ' if not loop.last }}
        {% endfor -%};
    {% endif %}
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{%- endmacro %}
