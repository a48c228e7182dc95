-- Every goal at as-of, the north star first.
select
    goal_name,
    metric_name,
    is_north_star,
    as_of_date,
    value,
    baseline,
    target,
    due_date,
    direction,
    expected_value,
    projected_value,
    projected_low,
    projected_high,
    status,
    is_share
from goals.progress
order by is_north_star desc, goal_name;
