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
    carries one: the first of all is among the first of each run. A unit that is a person is not
    named twice. However many experiments there are, events are read once. -#}
{%- do restate_from('experiment') -%}
{%- set dimensions = segment_columns() -%}
{%- set names = experiments() | map(attribute='exposure_event') -%}
{%- set names = names | unique(case_sensitive=true) | list -%}
{%- set any_event = none in names %}

-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
with shown as (
    {% if names %}
    select
        *,
        unnest({{ by_exposure_event(experiments_shown_by, names) }}) as experiment_name
    from (
        select
            *,
            {{ by_exposure_event(experiments_count_by, names) }} as shown_count
        from (
            select
                {{ shared_conditions() }}
                *
            from {{ ref('int_events_segmented') }}
            where
                {{ events_since(earliest_restate_from('experiment', experiment_names())) }}
                {% if not any_event %}and event_name in ({{ literals(names) }}){% endif %}

        )
    )
    {% else %}
    select
        *,
        cast(null as varchar) as experiment_name
    from {{ ref('int_events_segmented') }}
    where false
    {% endif %}

),

exposures as (

    select
        case when {{ setting('unit_expression') }} != 'user_id' then user_id end as user_id,
        event_id,
        event_at,
        event_date,
        {{ comma_columns(dimensions) }}
        experiment_name,
        {{ of_experiments('unit_expression') }} as unit_id,
        {{ of_experiments('variant_expression') }} as variant
    from shown
    where event_date >= {{ restate_from('experiment', column='experiment_name') }}

),

known as materialized (

    -- Once for all that reads it, so that a property is taken from an event once.
    select *
    from exposures
    where unit_id is not null and variant is not null

),
{% if dimensions %}
lacking_events as (

    select *
    from known
    where {{ is_any_missing(dimensions) }}

),

lacking as (

    select distinct experiment_name, unit_id
    from lacking_events

),

incomplete as (

    select known.*
    from lacking
    inner join known using (experiment_name, unit_id)
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

    -- Most events lack nothing: only the others are looked for among what was before them.
    select
        experiment_name,
        unit_id,
        user_id,
        event_id,
        event_at,
        event_date,
        {{ comma_columns(dimensions) }}
        variant
    from known
    {% if dimensions %}
    where not {{ is_any_missing(dimensions) }}

    union all

    select
        lacking_events.experiment_name,
        lacking_events.unit_id,
        lacking_events.user_id,
        lacking_events.event_id,
        lacking_events.event_at,
        lacking_events.event_date,
        {% for column in dimensions %}
        coalesce(
            nullif(lacking_events.{{ column }}, '(none)'), earlier.{{ column }}, '(none)'
        ) as {{ column }},
        {% endfor %}
        lacking_events.variant
    from lacking_events
    left join earlier
        on lacking_events.experiment_name = earlier.experiment_name
        and lacking_events.event_id = earlier.event_id
    {% endif %}

)

select * from final
