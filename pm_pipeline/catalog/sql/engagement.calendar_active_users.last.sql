-- The last complete week and month.
select interval, period_start as began, active_users, new_users
from engagement.calendar_active_users
where segment_name = 'all' and is_complete
qualify row_number() over (partition by interval order by period_start desc) = 1
order by interval desc
