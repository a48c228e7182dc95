-- What follows from every experiment, all arms together first.
select
    experiment_name,
    variant,
    verdict,
    action,
    reason,
    days_left,
    human_action,
    human_reason,
    is_contradicted
from experiments.decisions
order by experiment_name, variant != 'all', variant;
