select activity_date, event_name, segment_name, segment_value, users_count, events_count
from engagement.event_usage
where events_count > 0
