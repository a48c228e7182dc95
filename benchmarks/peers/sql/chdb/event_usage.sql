select
    event_date as activity_date,
    event_name,
    segment.1 as segment_name,
    segment.2 as segment_value,
    uniqExact(user_key) as users_count,
    count() as events_count
from events
array join [('all', 'all'), ('platform', platform), ('plan', plan)] as segment
group by activity_date, event_name, segment_name, segment_value
