-- From the first day on which a value is there.
select
    activity_date,
    segment_name,
    segment_value,
    daily_active_users,
    weekly_active_users,
    monthly_active_users
from engagement.active_users
where monthly_active_users > 0
