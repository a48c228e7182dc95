select goal_name, value, status
from goals.progress
order by goal_name
