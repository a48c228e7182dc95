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
{% if dimensions and experiments() %}
incomplete as (

    select *
    from exposures
    qualify
        row_number() over (partition by experiment_name, unit_id order by event_at, event_id) = 1
        and ({% for column in dimensions %}{{ column }} = '(none)'{{ ' or ' if not loop.last }}{% endfor %})

),

earlier as (
    {% for experiment in experiments() %}
    select
        incomplete.experiment_name,
        incomplete.event_id,
        {% for column in dimensions %}
        arg_max(events.{{ column }}, struct_pack(at := events.event_at, id := events.event_id))
            filter (where events.{{ column }} != '(none)') as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from incomplete
    inner join (
        select
            {{ experiment.unit_expression }} as unit_id,
            {{ comma_columns(dimensions) }}
            event_at,
            event_id
        from {{ ref('int_events_segmented') }}
    ) as events on incomplete.unit_id = events.unit_id
    where
        incomplete.experiment_name = {{ literal(experiment.experiment_name) }}
        and (
            events.event_at < incomplete.event_at
            or (events.event_at = incomplete.event_at and events.event_id < incomplete.event_id)
        )
    group by incomplete.experiment_name, incomplete.event_id
    {{ 'union all' if not loop.last }}
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
        {% if experiments() %}
        case
            when exposures.{{ column }} = '(none)' then coalesce(earlier.{{ column }}, '(none)')
            else exposures.{{ column }}
        end as {{ column }},
        {% else %}
        exposures.{{ column }},
        {% endif %}
        {% endfor %}
        exposures.variant
    from exposures
    {% if dimensions and experiments() %}
    left join earlier
        on exposures.experiment_name = earlier.experiment_name
        and exposures.event_id = earlier.event_id
    {% endif %}

)

select * from final
