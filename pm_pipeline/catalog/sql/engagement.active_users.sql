-- The last 120 days; the 7 and 28 days are those that end on the day.
select activity_date as x, series, value
from (
    select activity_date, 1 as place, 'one day' as series, daily_active_users as value
    from engagement.active_users
    where segment_name = 'all'
    union all
    select activity_date, 2, '7 days', weekly_active_users
    from engagement.active_users
    where segment_name = 'all'
    union all
    select activity_date, 3, '28 days', monthly_active_users
    from engagement.active_users
    where segment_name = 'all'
)
where activity_date > (select max(activity_date) - 120 from engagement.active_users)
order by place, activity_date
