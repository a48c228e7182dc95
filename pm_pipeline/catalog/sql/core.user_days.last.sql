-- Active days of people in the last 7 days up to as-of, one a person and day.
select activity_date as day, daily_active_users as active_people
from engagement.active_users
where segment_name = 'all'
order by activity_date desc
limit 7
