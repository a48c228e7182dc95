-- Where each goal goes from here; where it stands while nothing can be projected.
select
    goal_name as goal,
    activity_date as day,
    coalesce(projected_value, value) as value,
    projected_low as low,
    projected_high as high
from goals.trajectory
qualify row_number() over (partition by goal_name order by activity_date desc) = 1
order by goal_name
