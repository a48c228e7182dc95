-- The last complete week.
select from_stage, to_stage, users_count as people, week_start as week
from lifecycle.user_stage_flows
where week_start = (select max(week_start) from lifecycle.user_stage_flows)
order by users_count desc, from_stage, to_stage
