-- Who went from which stage to which in the last complete week.
select
    week_start,
    from_stage,
    to_stage,
    users_count
from lifecycle.user_stage_flows
where week_start = (select max(week_start) from lifecycle.user_stage_flows)
order by from_stage, to_stage;
