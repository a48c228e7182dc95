{#- No two rows share the key, counting only rows that this run may have written: a dated table's
    older rows were tested by the run that wrote them. whole_table counts those too, for small
    tables whose new rows must not repeat an old one's key. -#}
{% test unique_key(model, columns, whole_table=false) %}
    {%- set ns = namespace(sees_until=none, restate='events') -%}
    {%- if execute and not whole_table -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.alias == model.identifier and node.schema == model.schema
        -%}
            {%- set ns.sees_until = node.config.get('sees_until') -%}
            {%- set ns.restate = node.config.get('restate', 'events') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set key -%}
        {%- for column in columns %}"{{ column }}"{{ ', ' if not loop.last }}{% endfor -%}
    {%- endset -%}
    select {{ key }}, count(*) as copies
    from {{ model }}
    {%- if ns.sees_until and ns.restate == 'lake' %}
    where {{ render(ns.sees_until) }} >= {{ lake_restate_from() }}
    {%- elif ns.sees_until %}
    where
        {{ render(ns.sees_until) }}
        >= (select run_window.restate_from from intermediate.int_run_window as run_window)
    {%- endif %}
    group by {{ key }}
    having count(*) > 1
{% endtest %}
