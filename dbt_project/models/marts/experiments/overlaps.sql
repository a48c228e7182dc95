{#- Closed units of an experiment that were in another one too, by the variants of both: whether the
    effect of the one depends on the other is judged from this. They met when the unit was exposed
    to the other before its window closed, and the other had not ended by its first exposure. -#}
-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

),

units as (

    select
        *,
        {{ setting('unit_kind') }} as unit_kind
    from judged

),

others as (

    select
        units.experiment_name as other_experiment_name,
        units.unit_kind,
        units.unit_id,
        units.first_variant as other_variant,
        units.first_exposed_at as other_exposed_at,
        units.ends_at
    from units
    where units.is_analysed and units.variants_count = 1

),

pairs as (

    select
        units.experiment_name,
        units.unit_key,
        units.first_variant as variant,
        units.is_closed,
        others.other_experiment_name,
        others.other_variant
    from units
    inner join others
        on units.unit_kind = others.unit_kind
        and units.unit_id = others.unit_id
        and units.experiment_name != others.other_experiment_name
        and units.window_closes_at > others.other_exposed_at
        and units.first_exposed_at < others.ends_at
    where units.exclusion_reason is null and units.is_closed

),

counted as (

    select
        experiment_name,
        other_experiment_name,
        variant,
        other_variant,
        count(*) as users_count
    from pairs
    group by experiment_name, other_experiment_name, variant, other_variant

),

metrics as (

    {{ numbered_metrics() }}

),

unit_values as (

    select
        unit_values.*,
        metrics.experiment_name,
        metrics.metric_name
    from {{ ref('int_experiment_unit_values') }} as unit_values
    inner join metrics on unit_values.metric_key = metrics.metric_key
    inner join {{ definitions_table('experiment_primaries') }} as primaries
        on metrics.experiment_name = primaries.experiment_name
        and metrics.metric_name = primaries.metric_name

),

{% for kind in metric_kinds() %}
{{ kind.name }}_idle as (

    select *
    from unit_values
    where unit_key is null and {{ kind.condition }}

),

{{ kind.name }}_did as (

    select
        pairs.experiment_name,
        pairs.other_experiment_name,
        unit_values.metric_key,
        pairs.variant,
        pairs.other_variant,
        {{ statistics_of_doers(kind.variables) }}
    from pairs
    inner join unit_values
        on pairs.unit_key = unit_values.unit_key
    where {{ kind.condition }}
    group by
        pairs.experiment_name,
        pairs.other_experiment_name,
        unit_values.metric_key,
        pairs.variant,
        pairs.other_variant

),

{% endfor %}
final as (
    {% for kind in metric_kinds() %}
    {{ 'union all' if not loop.first }}
    {{ statistics_of_groups(
        'counted',
        kind.name ~ '_did',
        kind.name ~ '_idle',
        ['experiment_name', 'other_experiment_name', 'variant', 'other_variant'],
        [
            'counted.experiment_name', 'counted.other_experiment_name', 'counted.variant',
            'counted.other_variant', 'counted.users_count',
        ],
        kind.variables,
    ) }}
    {% endfor %}

)

select * exclude (half_change_mean, half_change_comoment, cap)
from final
