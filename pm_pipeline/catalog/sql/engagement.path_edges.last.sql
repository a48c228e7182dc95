-- The last complete week: what came after the first step.
select path_name as path, from_event, to_event, users_count as people, users_rate
from engagement.path_edges
where is_complete and step_index = 1
    and period_start = (select max(period_start) from engagement.path_edges where is_complete)
order by path_name, users_count desc, from_event, to_event
limit 12
