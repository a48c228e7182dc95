select
    session_date,
    count(*) as sessions_count,
    sum(events_count) as events_count,
    round(sum(duration_seconds), 3) as seconds
from core.sessions
group by session_date
