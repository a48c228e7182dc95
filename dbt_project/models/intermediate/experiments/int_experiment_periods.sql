{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'experiment', 'column': 'experiment_name'},
    )
}}

{#- What a unit did in each period of 24 hours from its first exposure on, and before it (below 0):
    windows are whole periods, so that nothing of an event's instant is needed any more. -#}
{%- do restate_from('experiment') -%}
{%- set kinds = counted_unit_expressions() -%}
{%- set longest = (experiments() | map(attribute='pre_exposure_days') | list + [0]) | max -%}

-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
with units as (

    select
        experiment_name,
        unit_id,
        unit_expression,
        first_exposed_at,
        first_event_id,
        exposure_date,
        first_exposed_at - {{ periods_of_24_hours('pre_exposure_days') }} as followed_from,
        window_closes_at as followed_until
    from {{ ref('int_exposures') }}
    where is_analysed

),
{% if kinds %}
{% for kind in kinds %}
events_{{ loop.index }} as (

    -- A period that sees the first restated day begins at most a day before it.
    {{ value_events_of_unit(kind, longest + 2) }}

),
{% endfor %}
events as (
    {% for kind in kinds %}
    select *, {{ literal(kind) }} as unit_expression
    from events_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    -- The event that first exposed the unit does not count.
    select
        units.experiment_name,
        units.unit_id,
        units.first_exposed_at,
        units.exposure_date,
        events.value_name,
        events.value,
        cast(
            floor((epoch_us(events.event_at) - epoch_us(units.first_exposed_at)) / 86400000000.0)
            as bigint
        ) as period_index
    from events
    inner join units
        on events.unit_expression = units.unit_expression
        and events.unit_id = units.unit_id
        and events.event_at >= units.followed_from
        and events.event_at < units.followed_until
        and events.event_id != units.first_event_id
    inner join {{ definitions_table('experiment_values') }} as wanted
        on units.experiment_name = wanted.experiment_name and events.value_name = wanted.value_name
    where events.value is not null

),
{% else %}
counted as (

    select
        experiment_name,
        unit_id,
        first_exposed_at,
        exposure_date,
        cast(null as varchar) as value_name,
        cast(null as double) as value,
        cast(null as bigint) as period_index
    from units
    where false

),
{% endif %}
periods as (

    select
        experiment_name,
        unit_id,
        value_name,
        period_index,
        count(*) as events_count,
        sum(value) as value,
        greatest(
            any_value(exposure_date),
            {{ product_date(
                "any_value(first_exposed_at) + " ~ periods_of_24_hours('period_index + 1')
                ~ " - interval 1 microsecond"
            ) }}
        ) as sees_until
    from counted
    group by experiment_name, unit_id, value_name, period_index

),

final as (

    select *
    from periods
    where sees_until >= {{ restate_from('experiment', column='experiment_name') }}

)

select * from final
