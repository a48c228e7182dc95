-- The experiments on features: what each says as a whole, and from which day on. One that still runs
-- says it of the week in which as-of lies.
select
    experiments.feature_name,
    experiments.experiment_name,
    decisions.verdict = 'validated' as is_validated,
    coalesce(
        cast(experiments.known_on as date), cast(decisions.decided_as_of as date) - 6
    ) as known_on
from definitions.feature_experiments as experiments
inner join experiments.decisions as decisions
    on experiments.experiment_name = decisions.experiment_name
where decisions.variant = 'all'
order by experiments.feature_name, experiments.experiment_name
