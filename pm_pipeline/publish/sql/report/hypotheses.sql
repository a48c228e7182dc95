-- What is believed, and what became of it.
select
    hypothesis_name,
    statement,
    problem_name,
    metric_name,
    experiment_name,
    status,
    advised_action,
    human_action,
    human_reason,
    age_days,
    is_stale,
    attention
from experiments.hypotheses
order by hypothesis_name;
