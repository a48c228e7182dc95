-- The last 7 days up to as-of.
select activity_date as day, sessions_count as sessions, median_seconds, bounce_rate
from engagement.session_lengths
where segment_name = 'all'
order by activity_date desc
limit 7
