-- The last 120 days up to as-of.
select activity_date as x, 'new people' as series, new_users as value
from engagement.active_users
where segment_name = 'all'
    and activity_date > (select max(activity_date) - 120 from engagement.active_users)
order by activity_date
