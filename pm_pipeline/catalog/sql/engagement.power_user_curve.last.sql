-- The last complete week: on how many of 7 days people came.
select active_days, users_count as people, users_rate
from engagement.power_user_curve
where window_days = 7 and is_complete
qualify as_of_date = max(as_of_date) over ()
order by active_days
