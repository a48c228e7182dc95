{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='event_date',
        definition={'kind': 'attribution', 'column': 'attribution_name'},
    )
}}

{#- The touches and the conversions of each attribution. An event may be both; one that is neither
    is left out. The rules of the channels are asked of touches only, in their order. -#}
{%- set attributions = attributions() -%}
{%- do restate_from('attribution') -%} {#- For the parser: without definitions nothing asks. -#}

-- depends_on: {{ ref('int_events_segmented') }}
with marked as (
    {% for attribution in attributions %}
    {%- set touch = is_event(attribution.touch_event, attribution.touch_expression) -%}
    {%- set conversion = is_event(
        attribution.conversion_event, attribution.conversion_expression
    ) %}
    select
        {{ literal(attribution.attribution_name) }} as attribution_name,
        user_id,
        event_id,
        event_at,
        event_date,
        case
            when not {{ touch }} then null
            {%- for rule in attribution.channels %}
            when {{ is_event(none, rule.expression) }} then {{ rule.position }}
            {%- endfor %}
        end as rule_position,
        {{ conversion }} as is_conversion,
        {%- if attribution.value_expression %}
        case when {{ conversion }} then coalesce({{ attribution.value_expression }}, 0) end
            as conversion_value
        {%- else %}
        cast(null as double) as conversion_value
        {%- endif %}
    from {{ ref('int_events_segmented') }}
    where
        {{ events_since(restate_from('attribution', attribution.attribution_name)) }}
        {%- if attribution.touch_event and attribution.conversion_event %}
        and event_name in ({{ literals([attribution.touch_event, attribution.conversion_event]) }})
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as attribution_name,
        cast(null as varchar) as user_id,
        cast(null as varchar) as event_id,
        cast(null as timestamp) as event_at,
        cast(null as date) as event_date,
        cast(null as bigint) as rule_position,
        cast(null as boolean) as is_conversion,
        cast(null as double) as conversion_value
    where false
    {%- endfor %}

),

channels as (
    {% for attribution in attributions %}
    {%- set last_attribution = loop.last -%}
    {%- for rule in attribution.channels %}
    select
        {{ literal(attribution.attribution_name) }} as attribution_name,
        {{ rule.position }} as rule_position,
        {{ literal(rule.channel) }} as channel,
        {{ rule.is_direct }} as is_direct
    {{ 'union all' if not (loop.last and last_attribution) }}
    {%- endfor %}
    {%- else %}
    select
        cast(null as varchar) as attribution_name,
        cast(null as bigint) as rule_position,
        cast(null as varchar) as channel,
        cast(null as boolean) as is_direct
    where false
    {%- endfor %}

),

final as (

    select
        marked.attribution_name,
        marked.user_id,
        marked.event_id,
        marked.event_at,
        marked.event_date,
        channels.channel,
        channels.is_direct,
        marked.is_conversion,
        marked.conversion_value
    from marked
    left join channels
        on marked.attribution_name = channels.attribution_name
        and marked.rule_position = channels.rule_position
    where marked.is_conversion or marked.rule_position is not null

)

select * from final
