{#- Count, means and co-moments of the units by the day of their first exposure: all that the
    analysis knows of them. Slices are of the default analysis; everybody by first variant is shown
    in total. -#}

with units as (

    select
        exposures.experiment_name,
        exposures.unit_id,
        exposures.first_variant as variant,
        exposures.exposure_date,
        exposures.is_closed,
        exposures.exclusion_reason is null as is_default,
        {{ comma_columns(segment_columns()) }}
        exposures.persona,
        amounts.metric_name,
        amounts.metric_value,
        amounts.denominator_value,
        amounts.covariate_value,
        amounts.covariate_denominator_value,
        amounts.half_change,
        amounts.cap
    from {{ ref('int_exposures') }} as exposures
    inner join {{ ref('int_experiment_unit_values') }} as amounts
        on exposures.experiment_name = amounts.experiment_name
        and exposures.unit_id = amounts.unit_id

),

statistics as (

    select
        experiment_name,
        metric_name,
        variant,
        'first_variant' as analysis_set,
        'all' as segment_name,
        'all' as segment_value,
        exposure_date,
        {{ unit_statistics() }}
    from units
    group by experiment_name, metric_name, variant, exposure_date

    union all

    select
        experiment_name,
        metric_name,
        variant,
        'default' as analysis_set,
        'all' as segment_name,
        'all' as segment_value,
        exposure_date,
        {{ unit_statistics() }}
    from units
    where is_default
    group by experiment_name, metric_name, variant, exposure_date
    {% for dimension in experiment_dimensions() %}
    union all

    select
        experiment_name,
        metric_name,
        variant,
        'default' as analysis_set,
        {{ dimension.name }} as segment_name,
        {{ dimension.column }} as segment_value,
        exposure_date,
        {{ unit_statistics() }}
    from units
    where is_default
    group by experiment_name, metric_name, variant, {{ dimension.column }}, exposure_date
    {% endfor %}

)

select * from statistics
