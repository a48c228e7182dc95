-- One decision a treatment arm and one for all, of the verdicts and actions that there are.
with planned as (

    select
        experiment_name,
        unnest(['all'] || list_filter(
            [arm.name for arm in from_json(plan -> 'arms', '[{"name": "VARCHAR"}]')],
            lambda name: name != plan ->> 'control'
        )) as variant
    from definitions.experiment_plans

),

decided as (

    select
        experiment_name,
        variant,
        count(*) as rows_count,
        count(*) filter (
            where
            verdict in ('validated', 'refuted', 'no_meaningful_effect', 'inconclusive', 'invalid')
            and action in ('ship', 'roll_back', 'keep_running', 'review')
            and reason != ''
        ) as known_count
    from experiments.decisions
    group by experiment_name, variant

),

differences as (

    select coalesce(planned.experiment_name, decided.experiment_name) as experiment_name
    from planned
    full join decided
        on planned.experiment_name = decided.experiment_name
        and planned.variant = decided.variant
    where
        planned.variant is null
        or coalesce(decided.rows_count, 0) != 1
        or coalesce(decided.known_count, 0) != 1

)

select
    count(*) as value,
    count(*) || ' arms without one decision' as observed,
    'one decision for each arm, and one for all' as expected
from differences
