-- North star first.
select goal_name as goal, value, target, due_date as due, projected_value as projected, status
from goals.progress
order by is_north_star desc, goal_name
