-- Where each goal goes from here.
select
    goal_name as goal, activity_date as day, projected_value as projected, projected_low as low,
    projected_high as high
from goals.trajectory
where projected_value is not null
qualify row_number() over (partition by goal_name order by activity_date desc) = 1
order by goal_name
