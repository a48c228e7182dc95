-- The values that most people have now.
select segment_name as segment, latest_value as value, count(*) as people
from core.user_segments
group by segment_name, latest_value
order by people desc, segment, value
limit 12
