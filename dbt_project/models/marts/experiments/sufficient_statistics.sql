{#- Count, means and co-moments of the units by the day of their first exposure: all that the
    analysis knows of them. What is analysed is broken down; everybody exposed, activated or not, is
    counted in total. Arms, metrics and slices are numbered, and ratios apart from other metrics: the
    less a group is named by and holds, the cheaper are the millions of them. Nearly all units are in
    the default set, and all of these in every other set that their experiment has: where an arm's
    day has no other unit, the statistics of its sets are those of the default one. -#}
{%- set sets = analysis_sets() -%}
{%- set slices = slice_dimensions() %}

-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

),

units as (

    select *
    from judged
    where is_analysed

),

arms as (

    select distinct
        arm_key,
        experiment_name,
        first_variant as variant
    from units

),

mixed as (

    select distinct
        arm_key,
        exposure_date
    from units
    where is_closed and not ({{ sets[0].condition }})

),

metrics as (

    {{ numbered_metrics() }}

),

idle as (

    select
        unit_values.*,
        metrics.experiment_name,
        metrics.metric_name
    from {{ ref('int_experiment_unit_values') }} as unit_values
    inner join metrics on unit_values.metric_key = metrics.metric_key
    where unit_values.unit_key is null

),

doers as (

    select
        units.arm_key,
        units.exposure_date,
        units.is_activated,
        units.exclusion_reason,
        {% for dimension in experiment_dimensions() %}
        units.{{ dimension.column }},
        {% endfor %}
        unit_values.* exclude (unit_key)
    from {{ ref('int_experiment_unit_values') }} as unit_values
    inner join units on unit_values.unit_key = units.unit_key
    where units.is_closed

),

counted as (
    {% for slice in slices %}
    {{ 'union all' if not loop.first }}
    select
        {{ loop.index0 }} as slice,
        arm_key,
        exposure_date,
        {{ slice.name }} as segment_name,
        {% for set in sets %}
        count(*) filter (where is_closed and {{ set.condition }}) as {{ set.name }}_closed,
        count(*) filter (where not is_closed and {{ set.condition }}) as {{ set.name }}_open,
        {% endfor %}
        {{ slice.column }} as segment_value
    from units
    group by arm_key, exposure_date, {{ slice.column }}
    {% endfor %}

),

groups as (
    {% for set in sets %}
    {{ 'union all' if not loop.first }}
    select
        counted.slice + if(mixed.arm_key is null, 0, {{ loop.index0 * slices | length }}) as slice,
        counted.arm_key,
        counted.exposure_date,
        arms.experiment_name,
        arms.variant,
        '{{ set.name }}' as analysis_set,
        counted.segment_name,
        counted.segment_value,
        counted.{{ set.name }}_closed as users_count,
        counted.{{ set.name }}_open as open_users_count
    from counted
    inner join arms on counted.arm_key = arms.arm_key
    left join mixed
        on counted.arm_key = mixed.arm_key
        and counted.exposure_date = mixed.exposure_date
    where
        counted.{{ set.name }}_closed + counted.{{ set.name }}_open > 0
        {% if not set.dimensions %}
        and counted.slice = 0
        {% endif %}
    {% endfor %}

),

{% for kind in metric_kinds() %}
{{ kind.name }}_idle as (

    select *
    from idle
    where {{ kind.condition }}

),

{{ kind.name }}_did as (
    {% for set in sets %}
    {{ 'union all' if not loop.first }}
    select
        arm_key,
        exposure_date,
        metric_key,
        {{ slice_of_group(loop.index0 * slices | length, set.dimensions) }},
        {{ statistics_of_doers(kind.variables) }}
    from doers
    {% if not loop.first %}
    semi join mixed using (arm_key, exposure_date)
    {% endif %}
    where {{ kind.condition }} and {{ set.condition }}
    {{ group_by_slices('arm_key, exposure_date, metric_key', set.dimensions) }}
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
        ['slice', 'arm_key', 'exposure_date', 'segment_value'],
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
