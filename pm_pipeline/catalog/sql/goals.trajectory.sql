-- Each goal's weeks so far, then where it goes with the interval of four cases of five.
select
    activity_date as x,
    goal_name as series,
    coalesce(value, projected_value) as value,
    coalesce(projected_low, value) as low,
    coalesce(projected_high, value) as high
from goals.trajectory
order by goal_name, activity_date
