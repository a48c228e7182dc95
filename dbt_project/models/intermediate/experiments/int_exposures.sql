{#- Every unit of every experiment: the variant it saw first, whether it counts, and its value of
    each dimension then. What lies at or after the end is not looked at: then everybody sees the
    same. A dimension shows the values with most units, the rest are one. What is the same for all
    units of an experiment is not repeated here, but for its end, which joins ask for, nor is the
    long text that tells an event, where no metric could count it. What a run counts of a unit names
    it by a number of that run: texts are dear to join. -#}
{%- set dimensions = experiment_dimensions() | map(attribute='column') | list -%}
{%- set asked_first = experiments_counting_exposures(experiment_values()) -%}

-- depends_on: {{ ref('int_user_persona_changes') }}
with settings as (

    {{ experiment_settings() }}

),

arms as (

    {{ planned_arms() }}

),

exposures as (

    select events.*
    from {{ ref('int_exposure_events') }} as events
    inner join settings on events.experiment_name = settings.experiment_name
    where events.event_at < settings.ends_at and events.event_at < {{ as_of() }}

),

repeated as (

    -- Most units are seen once: only of the others is asked what they saw first.
    select experiment_name, unit_id
    from exposures
    group by experiment_name, unit_id
    having count(*) > 1

),

seen as (

    select
        *,
        row_number() over unit as place,
        first_value(variant) over unit as first_variant
    from exposures
    semi join repeated using (experiment_name, unit_id)
    window unit as (partition by experiment_name, unit_id order by event_at, event_id)

),

again as (

    select
        experiment_name,
        unit_id,
        min(event_at) filter (where variant != first_variant) as second_exposed_at,
        count(*) as times,
        count(distinct variant) filter (where variant != first_variant) as other_variants_count
    from seen
    where place > 1
    group by experiment_name, unit_id

),

units as (

    select
        exposures.*,
        exposures.variant as first_variant,
        exposures.event_at as first_exposed_at,
        cast(null as timestamp) as second_exposed_at,
        1 as exposures_count,
        1 as variants_count
    from exposures
    anti join repeated using (experiment_name, unit_id)

    union all

    select
        seen.* exclude (place),
        seen.event_at as first_exposed_at,
        again.second_exposed_at,
        1 + again.times as exposures_count,
        1 + again.other_variants_count as variants_count
    from seen
    inner join again
        on seen.experiment_name = again.experiment_name and seen.unit_id = again.unit_id
    where seen.place = 1

),

judged as (

    select
        units.*,
        settings.ends_at,
        arms.arm_key,
        units.event_date as exposure_date,
        units.first_exposed_at
        + {{ periods_of_24_hours('settings.window_days') }} as window_closes_at,
        case
            when units.first_exposed_at < settings.starts_at then 'exposed_before_start'
            when arms.arm_key is null then 'unknown_variant'
            when units.variants_count > 1 then 'several_variants'
        end as exclusion_reason
    from units
    inner join settings on units.experiment_name = settings.experiment_name
    left join arms
        on units.experiment_name = arms.experiment_name
        and units.first_variant = arms.variant

),

dimensions as (

    select
        judged.* exclude (event_id),
        judged.window_closes_at <= {{ as_of() }} as is_closed,
        coalesce(judged.exclusion_reason, 'several_variants') = 'several_variants' as is_analysed,
        {% if asked_first %}
        case when judged.experiment_name in ({{ literals(asked_first) }}) then judged.event_id end
        {%- else %}
        cast(null as varchar)
        {%- endif %} as first_event_id,
        {{ "coalesce(changes.persona, '(none)')" if personas() else "'(none)'" }} as persona
    from judged
    {% if personas() %}
    -- The persona at the end of the day before: the 28 days before exposure.
    asof left join {{ ref('int_user_persona_changes') }} as changes
        on case
            when {{ setting('unit_expression', of='judged.experiment_name') }} = 'user_id'
                then judged.unit_id
            else judged.user_id
        end = changes.user_id
        and judged.exposure_date > changes.state_date
    {% endif %}

),
{% for column in dimensions %}
{{ column }}_rest as (

    -- Most experiments have none of them, so that next to nothing is joined.
    select
        experiment_name,
        {{ column }}
    from dimensions
    where is_analysed
    group by experiment_name, {{ column }}
    qualify
        row_number() over (
            partition by experiment_name order by count(*) desc, {{ column }}
        ) > {{ most_segment_values() }}

),
{% endfor %}
final as (

    select
        row_number() over () as unit_key,
        dimensions.arm_key,
        dimensions.experiment_name,
        dimensions.unit_id,
        dimensions.first_variant,
        dimensions.first_exposed_at,
        dimensions.second_exposed_at,
        dimensions.exposures_count,
        dimensions.variants_count,
        dimensions.window_closes_at,
        dimensions.is_closed,
        dimensions.exclusion_reason,
        dimensions.is_analysed,
        dimensions.first_event_id,
        dimensions.ends_at,
        {% for column in segment_columns() + ['persona'] %}
        {% if column in dimensions -%}
        if({{ column }}_rest.{{ column }} is null, dimensions.{{ column }}, '(other)')
            as {{ column }}
        {%- else -%}
        dimensions.{{ column }}
        {%- endif %},
        {% endfor %}
        dimensions.exposure_date
    from dimensions
    {% for column in dimensions %}
    left join {{ column }}_rest
        on dimensions.experiment_name = {{ column }}_rest.experiment_name
        and dimensions.{{ column }} = {{ column }}_rest.{{ column }}
    {% endfor %}

)

select * from final
