-- The weeks behind and ahead of each goal.
select
    goal_name,
    activity_date,
    value,
    projected_value,
    projected_low,
    projected_high
from goals.trajectory
order by goal_name, activity_date;
