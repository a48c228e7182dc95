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
        first_exposed_at,
        first_event_id,
        exposure_date,
        {{ setting('unit_expression') }} as unit_expression,
        first_exposed_at
        - {{ periods_of_24_hours(setting('pre_exposure_days')) }} as followed_from,
        window_closes_at as followed_until
    from {{ ref('int_exposures') }}
    where is_analysed

),
{% for kind in kinds %}
counted_{{ loop.index }} as (

    -- Few events lie in the time of a unit: only of those is asked what they count for. The event
    -- that first exposed the unit does not count: where its name already says so, the long texts
    -- that events are told apart by are not read. A period that sees the first restated day begins
    -- at most a day before it. An event that counts for nothing has no unit: left out before the
    -- join, it would make the engine keep the events, not the units, in memory.
    select
        experiment_name,
        unit_id,
        first_exposed_at,
        exposure_date,
        event_at,
        {{ values_counted(values_of_unit(kind)) }}
    from (
        select
            *,
            case when {{ any_value_matches(values_of_unit(kind)) }} then {{ kind }} end as unit_id
        from {{ ref('int_events_segmented') }}
        where {{ events_since(restate_from_of_unit(kind) ~ ' - ' ~ (longest + 2)) }}
    ) as events
    inner join units using (unit_id)
    where
        units.unit_expression = {{ literal(kind) }}
        and events.event_at >= units.followed_from
        {% if exposing_may_count(kind) %}
        and events.event_id is distinct from units.first_event_id
        {% endif %}
        and events.event_at < units.followed_until

),
{% endfor %}
counted as (
    {% for kind in kinds %}
    select * from counted_{{ loop.index }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        experiment_name,
        unit_id,
        first_exposed_at,
        exposure_date,
        first_exposed_at as event_at,
        cast(null as varchar) as value_name,
        cast(null as double) as value
    from units
    where false
    {%- endfor %}

),

placed as (

    select
        counted.experiment_name,
        counted.unit_id,
        counted.first_exposed_at,
        counted.exposure_date,
        counted.value_name,
        counted.value,
        cast(
            floor(
                (epoch_us(counted.event_at) - epoch_us(counted.first_exposed_at)) / 86400000000.0
            ) as bigint
        ) as period_index
    from counted
    inner join {{ definitions_table('experiment_values') }} as wanted
        on counted.experiment_name = wanted.experiment_name
        and counted.value_name = wanted.value_name
    where counted.value is not null

),

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
    from placed
    group by experiment_name, unit_id, value_name, period_index

),

final as (

    select *
    from periods
    where sees_until >= {{ restate_from('experiment', column='experiment_name') }}

)

select * from final
