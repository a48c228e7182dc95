{#- What product.yml says, as the tables of schema `definitions` that are written before dbt starts.
    Every model reads them through these macros, which a unit test can override. -#}

{% macro definitions_table(table_name) -%}
    {#- A definitions table as a relation, for a model that joins it. -#}
    definitions.{{ table_name }}
{%- endmacro %}

{% macro definition_rows(table_name) -%}
    {#- All rows of one definitions table, as a list of dicts. -#}
    {{ return(asked_once("select * from " ~ definitions_table(table_name) ~ " order by all")) }}
{%- endmacro %}

{% macro asked_once(query) -%}
    {#- The rows of a query, as a list of dicts, for what stands still while dbt runs: a hundred
        models ask for the same. `graph` is the one thing that all nodes of an invocation share. -#}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set answers = graph.setdefault('answers of ' ~ invocation_id, {}) -%}
    {%- if query not in answers -%}
        {%- set rows = [] -%}
        {%- for row in run_query(query).rows -%}{%- do rows.append(dict(row.items())) -%}{%- endfor -%}
        {%- do answers.update({query: rows}) -%}
    {%- endif -%}
    {{ return(answers[query]) }}
{%- endmacro %}

{% macro literal(text) -%}
    {#- Text as a SQL literal. -#}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{% macro literals(texts) -%}
    {#- Texts as a list of SQL literals; for none, one that is never equal to anything. -#}
    {%- for text in texts %}{{ literal(text) }}{{ ', ' if not loop.last }}{% else %}null{% endfor -%}
{%- endmacro %}

{% macro definition_names(kind) -%}
    {#- The names of all definitions of a kind: feature, funnel, ... -#}
    {%- set names = [] -%}
    {%- for window in definition_rows('windows') if window.kind == kind -%}
        {%- do names.append(window.name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro changed_definitions(kind) -%}
    {#- The names of those that are new or differ from what was last published. -#}
    {%- set names = [] -%}
    {%- for window in definition_rows('windows') if window.kind == kind and window.is_changed -%}
        {%- do names.append(window.name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro product_setting(name) -%}
    {%- set rows = definition_rows('product') -%}
    {{ return(rows[0][name] if rows else none) }}
{%- endmacro %}

{% macro segments() -%}
    {#- The break-downs of product.yml: dicts with segment_name, position and expression. -#}
    {{ return(definition_rows('segments')) }}
{%- endmacro %}

{% macro time_zone() -%}{{ return(product_setting('timezone') or 'UTC') }}{%- endmacro %}

{% macro week_starts_on() -%}{{ return(product_setting('week_starts_on') or 'monday') }}{%- endmacro %}

{% macro session_timeout_seconds() -%}{{ return(product_setting('session_timeout_seconds') or 1800) }}{%- endmacro %}

{% macro session_timeouts() -%}
    {#- The platforms with a time-out of their own: dicts with platform (lower case) and timeout_seconds. -#}
    {{ return(definition_rows('session_timeouts')) }}
{%- endmacro %}

{% macro session_timeout_of(platform) -%}
    {#- The seconds after which an event on a platform no longer holds its session open. -#}
    case lower({{ platform }})
        {%- for timeout in session_timeouts() %}
        when '{{ timeout.platform | replace("'", "''") }}' then {{ timeout.timeout_seconds }}
        {%- endfor %}
        else {{ session_timeout_seconds() }}
    end
{%- endmacro %}

{% macro shortest_session_timeout() -%}
    {{ return(([session_timeout_seconds()] + session_timeouts() | map(attribute='timeout_seconds') | list) | min) }}
{%- endmacro %}

{% macro anonymous_window_seconds() -%}{{ return(product_setting('anonymous_window_seconds') or 0) }}{%- endmacro %}

{% macro max_links() -%}{{ return(product_setting('max_links') or 20) }}{%- endmacro %}

{% macro is_active_event(event_name) -%}
    {#- Whether an event makes its user active: the one definition of active. -#}
    {%- set all_active = product_setting('all_events_active') -%}
    {%- if all_active is none or all_active -%}true
    {%- else -%}{{ event_name }} in (select active_events.event_name from {{ definitions_table('active_events') }} as active_events)
    {%- endif -%}
{%- endmacro %}
