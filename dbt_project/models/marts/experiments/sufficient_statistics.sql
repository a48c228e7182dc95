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
counted as (
    {% for slice in slices %}
    {{ 'union all' if not loop.first }}
    select
        {{ slice.number }} as slice,
        arm_day,
        '{{ slice.set.name }}' as analysis_set,
        {{ slice.dimension.name }} as segment_name,
        {{ slice.dimension.column }} as segment_value,
        count(*) filter (where is_closed) as users_count,
        count(*) filter (where not is_closed) as open_users_count
    from units
    where {{ slice.set.condition }}
    group by arm_day, {{ slice.dimension.column }}
    {% endfor %}

),

groups as (

    select
        counted.*,
        arm_days.experiment_name,
        arm_days.variant,
        arm_days.exposure_date
    from counted
    inner join arm_days on counted.arm_day = arm_days.arm_day

),

{% for kind in metric_kinds() %}
{{ kind.name }}_did as (
    {% for slice in slices %}
    {{ 'union all' if not loop.first }}
    select
        {{ slice.number }} as slice,
        arm_day,
        {{ slice.dimension.column }} as segment_value,
        metric_name,
        {{ statistics_of_doers(kind.variables) }}
    from {{ kind.name }}_doers
    where {{ slice.set.condition }}
    group by arm_day, {{ slice.dimension.column }}, metric_name
    {% endfor %}

),

{% endfor %}
final as (
    {% for kind in metric_kinds() %}
    {{ 'union all' if not loop.first }}
    {{ statistics_of_groups(
        'groups',
        kind.name ~ '_did',
        kind.name ~ '_idle',
        ['slice', 'arm_day', 'segment_value'],
        [
            'counted.experiment_name', 'counted.variant', 'counted.analysis_set',
            'counted.segment_name', 'counted.segment_value', 'counted.exposure_date',
            'counted.users_count', 'counted.open_users_count',
        ],
        kind.variables,
    ) }}
    {% endfor %}

)

select * from final
