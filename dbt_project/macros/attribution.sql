{#- Attributions of product.yml, with their channel rules and models. -#}

{% macro credit_models() -%}
    {#- Every way to share a conversion: int_attribution_credits has a column <model>_credit each. -#}
    {{ return(['first', 'last', 'last_non_direct', 'linear', 'position', 'time_decay']) }}
{%- endmacro %}

{% macro attributions() -%}
    {#- A dict per attribution: its columns, `channels` (rules in order) and `models` (names). -#}
    {%- set rules = definition_rows('attribution_channels') -%}
    {%- set models = definition_rows('attribution_models') -%}
    {%- set found = definition_rows('attributions') -%}
    {%- for row in found -%}
        {%- set own = ['attribution_name', 'equalto', row.attribution_name] -%}
        {%- do row.update({
            'channels': rules | selectattr(*own) | sort(attribute='position') | list,
            'models': models | selectattr(*own) | map(attribute='model') | list,
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro unattributed() -%}'(unattributed)'{%- endmacro %}

{% macro is_event(event_name, expression) -%}
    {#- Whether an event has this name (any when none) and meets this expression (if any). -#}
    {%- set conditions = [] -%}
    {%- if event_name -%}{%- do conditions.append('event_name = ' ~ literal(event_name)) -%}{%- endif -%}
    {%- if expression -%}{%- do conditions.append('coalesce(' ~ expression ~ ', false)') -%}{%- endif -%}
    ({{ conditions | join(' and ') or 'true' }})
{%- endmacro %}

{% macro attribution_settings() -%}
    {#- One row per attribution: from when on it is restated, and the numbers of its models. -#}
    {%- do restate_from('attribution') -%} {#- For the parser, which knows of no definition. -#}
    {%- for attribution in attributions() %}
    select
        {{ literal(attribution.attribution_name) }} as attribution_name,
        {{ restate_from('attribution', attribution.attribution_name) }} as restate_from,
        to_seconds({{ attribution.look_back_seconds }}) as look_back,
        {#- A day more than it lasts, and one for the day that clocks change. #}
        cast({{ attribution.look_back_seconds // 86400 + 2 }} as integer) as look_back_days,
        cast({{ attribution.half_life_seconds }} as double) as half_life_seconds,
        cast({{ attribution.first_weight }} as double) as first_weight,
        cast({{ attribution.middle_weight }} as double) as middle_weight,
        cast({{ attribution.last_weight }} as double) as last_weight,
        cast({{ attribution.first_of_two_weight }} as double) as first_of_two_weight,
        cast({{ attribution.last_of_two_weight }} as double) as last_of_two_weight
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as attribution_name,
        cast(null as date) as restate_from,
        cast(null as interval) as look_back,
        cast(null as integer) as look_back_days,
        cast(null as double) as half_life_seconds,
        cast(null as double) as first_weight,
        cast(null as double) as middle_weight,
        cast(null as double) as last_weight,
        cast(null as double) as first_of_two_weight,
        cast(null as double) as last_of_two_weight
    where false
    {%- endfor %}
{%- endmacro %}

{% macro attributions_with(attributions, model) -%}
    {#- The names of the attributions that are asked for a model. -#}
    {%- set names = [] -%}
    {%- for attribution in attributions if model in attribution.models -%}
        {%- do names.append(attribution.attribution_name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
