-- What each experiment as a whole advises, and what people decided.
select
    experiment_name,
    verdict,
    action,
    reason,
    days_left,
    human_action,
    human_reason
from experiments.decisions
where variant = 'all'
qualify row_number() over (partition by experiment_name order by decided_as_of desc) = 1
order by experiment_name;
