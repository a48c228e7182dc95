-- The last 7 days up to as-of.
select activity_date as day, events_count as events
from engagement.active_users
where segment_name = 'all'
order by activity_date desc
limit 7
