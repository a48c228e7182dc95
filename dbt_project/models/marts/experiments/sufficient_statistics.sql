{#- Count, means and co-moments of the units by the day of their first exposure: all that the
    analysis knows of them. What is analysed is broken down; everybody exposed, activated or not, is
    counted in total. -#}
-- depends_on: {{ ref('int_experiment_periods') }}

with judged as (

    {{ judged_units() }}

),

units as (

    select
        judged.experiment_name,
        judged.unit_id,
        judged.first_variant as variant,
        judged.exposure_date,
        judged.is_closed,
        judged.is_activated,
        judged.exclusion_reason,
        {{ comma_columns(segment_columns()) }}
        judged.persona,
        amounts.metric_name,
        amounts.metric_value,
        amounts.denominator_value,
        amounts.covariate_value,
        amounts.covariate_denominator_value,
        amounts.half_change,
        amounts.cap
    from judged
    inner join {{ ref('int_experiment_unit_values') }} as amounts
        on judged.experiment_name = amounts.experiment_name
        and judged.unit_id = amounts.unit_id

),

statistics as (
    {% for analysis_set in analysis_sets() %}
    {% set of_set = loop %}
    {% set broken_down = experiment_dimensions() if analysis_set.has_slices else [] %}
    {% for dimension in [{'name': "'all'", 'column': "'all'"}] + broken_down %}
    {{ 'union all' if not (of_set.first and loop.first) }}
    select
        experiment_name,
        metric_name,
        variant,
        '{{ analysis_set.name }}' as analysis_set,
        {{ dimension.name }} as segment_name,
        {{ dimension.column }} as segment_value,
        exposure_date,
        {{ unit_statistics() }}
    from units
    where {{ analysis_set.condition }}
    group by experiment_name, metric_name, variant, {{ dimension.column }}, exposure_date
    {% endfor %}
    {% endfor %}
)

select * from statistics
