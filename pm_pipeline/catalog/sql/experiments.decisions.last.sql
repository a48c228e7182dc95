-- What every experiment says as a whole.
select
    experiment_name as experiment,
    verdict,
    action as advice,
    coalesce(human_action, '') as decided,
    reason
from experiments.decisions
where variant = 'all'
order by experiment_name
