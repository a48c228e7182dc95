{#- Count, means and co-moments of the units by the day of their first exposure: all that the
    analysis knows of them. What is analysed is broken down; everybody exposed, activated or not, is
    counted in total. The days of arms are numbered, and ratios apart from other metrics: the less a
    group is named by and holds, the cheaper are the millions of them. -#}
{%- set slices = slices_of_units() %}

-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

),

arm_days as (

    select
        row_number() over () as arm_day,
        experiment_name,
        first_variant as variant,
        exposure_date
    from judged
    where is_analysed
    group by experiment_name, first_variant, exposure_date

),

units as (

    select
        judged.*,
        arm_days.arm_day
    from judged
    inner join arm_days
        on judged.experiment_name = arm_days.experiment_name
        and judged.first_variant = arm_days.variant
        and judged.exposure_date = arm_days.exposure_date
    where judged.is_analysed

),

unit_values as (

    select *
    from {{ ref('int_experiment_unit_values') }}

),

{% for kind in metric_kinds() %}
{{ kind.name }}_idle as (

    select *
    from unit_values
    where unit_id is null and {{ kind.condition }}

),

{{ kind.name }}_doers as (

    select
        units.arm_day,
        units.is_activated,
        units.exclusion_reason,
        {% for dimension in experiment_dimensions() %}
        units.{{ dimension.column }},
        {% endfor %}
        unit_values.* exclude (experiment_name, unit_id)
    from unit_values
    inner join units
        on unit_values.experiment_name = units.experiment_name
        and unit_values.unit_id = units.unit_id
    where units.is_closed and {{ kind.condition }}

),

{% endfor %}
{% for slice in slices %}
counted_{{ slice.number }} as (

    select *
    from (
        select
            arm_day,
            {{ slice.dimension.column }} as segment_value,
            count(*) filter (where is_closed) as users_count,
            count(*) filter (where not is_closed) as open_users_count
        from units
        where {{ slice.set.condition }}
        group by all
    )
    inner join arm_days using (arm_day)

),

{% for kind in metric_kinds() %}
{{ kind.name }}_{{ slice.number }} as (

    select
        arm_day,
        metric_name,
        {{ slice.dimension.column }} as segment_value,
        {{ statistics_of_doers(kind.variables) }}
    from {{ kind.name }}_doers
    where {{ slice.set.condition }}
    group by arm_day, metric_name, segment_value

),

{% endfor %}
{% endfor %}
final as (
    {% for slice in slices %}
    {% for kind in metric_kinds() %}
    {{ 'union all by name' if slice.number or not loop.first }}
    {{ statistics_of_groups(
        'counted_' ~ slice.number,
        kind.name ~ '_' ~ slice.number,
        kind.name ~ '_idle',
        ['arm_day', 'segment_value'],
        [
            'counted.experiment_name', 'counted.variant', 'counted.exposure_date',
            "'" ~ slice.set.name ~ "' as analysis_set", slice.dimension.name ~ ' as segment_name',
            'counted.segment_value', 'counted.users_count', 'counted.open_users_count',
        ],
        kind.variables,
    ) }}
    {% endfor %}
    {% endfor %}

)

select * from final
