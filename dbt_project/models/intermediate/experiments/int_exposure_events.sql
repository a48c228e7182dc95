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
    carries one: the first of all is among the first of each run. However many experiments there are,
    events are read once. -#}
{%- do restate_from('experiment') -%}
{%- set dimensions = segment_columns() -%}
{%- set days = [] -%}
{%- for experiment in experiments() -%}
{%- do days.append(restate_from('experiment', experiment.experiment_name)) -%}
{%- endfor -%}
{%- set names = experiments() | map(attribute='exposure_event') -%}
{%- set names = names | unique(case_sensitive=true) | list -%}
{%- set any_event = none in names %}

-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
with matched as (
    {% if names %}
    select
        user_id,
        event_id,
        event_at,
        event_date,
        {{ comma_columns(dimensions) }}
        unnest(
            case
                {% for name in names if name is not none %}
                when event_name = {{ literal(name) }} then {{ exposures_shown(name) }}
                {% endfor %}
                {% if any_event %}else {{ exposures_shown(none) }}{% endif %}

            end
        ) as shown
    from {{ ref('int_events_segmented') }}
    where
        {{ events_since('least(' ~ days | join(', ') ~ ')') }}
        {% if not any_event %}and event_name in ({{ literals(names) }}){% endif %}

    {% else %}
    select
        user_id,
        event_id,
        event_at,
        event_date,
        {{ comma_columns(dimensions) }}
        struct_pack(
            experiment_name := cast(null as varchar),
            unit_id := cast(null as varchar),
            variant := cast(null as varchar)
        ) as shown
    from {{ ref('int_events_segmented') }}
    where false
    {% endif %}

),

exposures as (

    select
        * exclude (shown),
        shown.experiment_name,
        shown.unit_id,
        shown.variant
    from matched
    where shown.unit_id is not null and shown.variant is not null

),
{% if dimensions %}
lacking as (

    select distinct experiment_name, unit_id
    from exposures
    where {{ is_any_missing(dimensions) }}

),

incomplete as (

    select *
    from exposures
    semi join lacking using (experiment_name, unit_id)
    qualify
        row_number() over (partition by experiment_name, unit_id order by event_at, event_id) = 1
        and {{ is_any_missing(dimensions) }}

),

earlier as (
    {% for unit, of_unit in experiments() | groupby('unit_expression', case_sensitive=true) %}
    {%- set experiment_names = of_unit | map(attribute='experiment_name') | list %}
    {{ events_before('incomplete', unit, experiment_names) }}
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
