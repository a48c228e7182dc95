-- The last complete week: the events that most people used.
select event_name as event, period_start as week, users_count as people, users_rate, events_per_user
from engagement.event_matrix
where is_complete
    and period_start = (select max(period_start) from engagement.event_matrix where is_complete)
order by users_count desc, event_name
limit 10
