{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='event_date',
        definition={'kind': 'experiment', 'column': 'experiment_name'},
    )
}}

{#- The events that show a unit its variant. One without unit or variant shows nothing. A segment
    that a unit's first of these events carries no value of is filled from its last event before that
    carries one: the first of all is among the first of each run. -#}
{%- do restate_from('experiment') -%}
{%- set dimensions = segment_columns() -%}

-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
with matched as (
    {% for experiment in experiments() %}
    select
        {{ literal(experiment.experiment_name) }} as experiment_name,
        {{ experiment.unit_expression }} as unit_id,
        user_id,
        event_id,
        event_at,
        event_date,
        {{ comma_columns(dimensions) }}
        {{ experiment.variant_expression }} as variant
    from {{ ref('int_events_segmented') }}
    where
        {{ events_since(restate_from('experiment', experiment.experiment_name)) }}
        and {{ event_matches(experiment.exposure_event, experiment.exposure_condition) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as experiment_name,
        cast(null as varchar) as unit_id,
        user_id,
        event_id,
        event_at,
        event_date,
        {{ comma_columns(dimensions) }}
        cast(null as varchar) as variant
    from {{ ref('int_events_segmented') }}
    where false
    {%- endfor %}

),

exposures as (

    select *
    from matched
    where unit_id is not null and variant is not null

),
{% if dimensions %}
incomplete as (

    select *
    from exposures
    qualify
        row_number() over (partition by experiment_name, unit_id order by event_at, event_id) = 1
        and {{ is_any_missing(dimensions) }}

),

earlier as (
    {% for experiment in experiments() %}
    {{ events_before('incomplete', experiment) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        experiment_name,
        {{ comma_columns(dimensions) }}
        event_id
    from incomplete
    {%- endfor %}

),
{% endif %}
final as (

    select
        exposures.experiment_name,
        exposures.unit_id,
        exposures.user_id,
        exposures.event_id,
        exposures.event_at,
        exposures.event_date,
        {% for column in dimensions %}
        coalesce(
            nullif(exposures.{{ column }}, '(none)'), earlier.{{ column }}, '(none)'
        ) as {{ column }},
        {% endfor %}
        exposures.variant
    from exposures
    {% if dimensions %}
    left join earlier
        on exposures.experiment_name = earlier.experiment_name
        and exposures.event_id = earlier.event_id
    {% endif %}

)

select * from final
