{#- Closed units of an experiment that were in another one too, by the variants of both: whether the
    effect of the one depends on the other is judged from this. They met when the unit was exposed
    to the other before its window closed, and the other had not ended by its first exposure. -#}
-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

),

settings as (

    {{ experiment_settings() }}

),

others as (

    select
        judged.experiment_name as other_experiment_name,
        judged.unit_kind,
        judged.unit_id,
        judged.first_variant as other_variant,
        judged.first_exposed_at as other_exposed_at,
        settings.ends_at
    from judged
    inner join settings on judged.experiment_name = settings.experiment_name
    where judged.is_analysed and judged.variants_count = 1

),

pairs as (

    select
        judged.experiment_name,
        judged.unit_id,
        judged.first_variant as variant,
        judged.is_closed,
        others.other_experiment_name,
        others.other_variant
    from judged
    inner join others
        on judged.unit_kind = others.unit_kind
        and judged.unit_id = others.unit_id
        and judged.experiment_name != others.other_experiment_name
        and judged.window_closes_at > others.other_exposed_at
        and judged.first_exposed_at < others.ends_at
    where judged.exclusion_reason is null and judged.is_closed

),

units as (

    select
        pairs.*,
        amounts.* exclude (experiment_name, unit_id)
    from pairs
    inner join {{ definitions_table('experiment_primaries') }} as primaries
        on pairs.experiment_name = primaries.experiment_name
    inner join {{ ref('int_experiment_unit_values') }} as amounts
        on pairs.experiment_name = amounts.experiment_name
        and pairs.unit_id = amounts.unit_id
        and primaries.metric_name = amounts.metric_name

),

final as (

    select
        experiment_name,
        other_experiment_name,
        metric_name,
        variant,
        other_variant,
        {{ unit_statistics() }}
    from units
    group by experiment_name, other_experiment_name, metric_name, variant, other_variant

)

select * exclude (open_users_count, half_change_mean, half_change_comoment, cap)
from final
