-- Where a check that blocks the verdict failed, every arm is invalid, and the other way round.
with failed as (

    select
        experiment_name,
        bool_or(status = 'fail' and blocks = 'verdict') as is_invalid
    from experiments.health
    group by experiment_name

),

differences as (

    select decisions.experiment_name
    from experiments.decisions as decisions
    left join failed on decisions.experiment_name = failed.experiment_name
    where
        decisions.rule_id != '1_no_data'
        and decisions.variant != 'all'
        and coalesce(failed.is_invalid, false) != (decisions.verdict = 'invalid')

)

select
    count(*) as value,
    count(*) || ' arms judged against the health of their experiment' as observed,
    'invalid where a check failed that blocks the verdict, and only there' as expected
from differences
