-- The last product day, its 7 and its 28 days.
select number, value
from (
    select
        activity_date,
        cast(daily_active_users as double) as daily_active_users,
        cast(weekly_active_users as double) as weekly_active_users,
        cast(monthly_active_users as double) as monthly_active_users,
        cast(new_users as double) as new_users,
        stickiness_rate
    from engagement.active_users
    where segment_name = 'all'
    qualify activity_date = max(activity_date) over ()
)
unpivot (
    value for number in (
        daily_active_users, weekly_active_users, monthly_active_users, new_users, stickiness_rate
    )
)
