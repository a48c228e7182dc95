{#- Paths: what happens step by step after an event, before it, or in a session. -#}

{% macro paths() -%}
    {#- The paths of product.yml, each with `events`: the names that it keeps (none: all). -#}
    {%- set kept = definition_rows('path_events') -%}
    {%- set found = [] -%}
    {%- for path in definition_rows('paths') -%}
        {%- set events = kept | selectattr('path_name', 'equalto', path.path_name) -%}
        {%- do found.append(dict(path, events=events | map(attribute='event_name') | list)) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro path_reach_days(path) -%}
    {#- How many product days beyond that of its event a path can touch: whole days, rounded up, and
        one more for days on which clocks change. -#}
    {%- if path.within_seconds is none -%}{{ return(session_reach_days()) }}{%- endif -%}
    {{ return((path.within_seconds / 86400) | round(0, 'ceil') | int + 1) }}
{%- endmacro %}

{% macro path_node(path) -%}
    {#- The name of an event in a path. An event called like one of our own nodes is another one. -#}
    {%- set kept = path.events + ([path.event_name] if path.event_name is not none else []) -%}
    case
        when event_name in ('(start)', '(end)', '(other)') then '(other)'
        {%- if path.events %}
        when event_name not in ({{ literals(kept) }}) then '(other)'
        {%- endif %}
        else event_name
    end
{%- endmacro %}

{% macro path_is_chosen(path) -%}
    {#- Whether an event is the one that a path leaves from or leads to. -#}
    coalesce(
        {{ 'event_name = ' ~ literal(path.event_name) if path.event_name is not none else 'true' }}
        {%- if path.condition is not none %}
        and ({{ path.condition }})
        {%- endif %},
        false
    )
{%- endmacro %}

{% macro path_first_day(path) -%}
    {#- The first day of the periods that a run counts anew: those whose paths can see a changed day. -#}
    {%- set sees = 0 if path.direction == "to" else path_reach_days(path) -%}
    {{ period_start(path.interval, "(" ~ restate_from('path', path.path_name) ~ " - " ~ sees ~ ")") }}
{%- endmacro %}

{% macro path_goes_on(path) -%}
    {#- Whether the stretch beyond one that a path has reached belongs to the path too. -#}
    neighbours.beyond_node is not null
    {%- if path.within_seconds is not none and path.direction == 'to' %}
    and neighbours.beyond_at >= steps.begun_at - to_seconds({{ path.within_seconds }})
    {%- elif path.within_seconds is not none %}
    and neighbours.beyond_at <= steps.begun_at + to_seconds({{ path.within_seconds }})
    {%- endif -%}
{%- endmacro %}
