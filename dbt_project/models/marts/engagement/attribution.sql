{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='period_start',
        definition={'kind': 'attribution', 'column': 'attribution_name'},
    )
}}

{#- A conversion looks back only, so that its day is the last that it can see. The incremental
    strategy asks for the run's window: dbt allows it what the model has named. -#}
{%- set attributions = attributions() -%}
{%- do restate_from() -%}

with credits as (

    select * from {{ ref('int_attribution_credits') }}

),

credited as (
    {% for model in credit_models() %}
    select
        attribution_name,
        '{{ model }}' as model,
        conversion_date as period_start,
        channel,
        {{ model }}_credit as credit,
        {{ model }}_credit * conversion_value as credited_value
    from credits
    where
        {{ model }}_credit > 0
        and attribution_name in ({{ literals(attributions_with(attributions, model)) }})
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

with_unattributed as (

    select
        attribution_name,
        model,
        period_start,
        channel,
        1 as conversions,
        credit,
        credited_value
    from credited

    union all

    -- The row is there on every day with conversions, also when all of them have a touch.
    select distinct
        attribution_name,
        model,
        period_start,
        {{ unattributed() }} as channel,
        0 as conversions,
        0 as credit,
        case when credited_value is not null then 0 end as credited_value
    from credited

),

final as (

    select
        attribution_name,
        model,
        period_start,
        channel,
        sum(credit) as credit,
        cast(sum(conversions) as bigint) as conversions_count,
        sum(credited_value) as credited_value
    from with_unattributed
    group by attribution_name, model, period_start, channel

)

select * from final
