select
    goal_name,
    metric_name,
    target,
    baseline,
    cast(from_date as date) as from_date,
    cast(due_date as date) as due_date,
    period,
    is_north_star
from definitions.goals
order by goal_name
