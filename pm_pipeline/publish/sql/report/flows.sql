-- Who went from which stage to which, week by week, over the last year of complete weeks.
select
    week_start,
    from_stage,
    to_stage,
    users_count
from lifecycle.user_stage_flows
where week_start > (select max(week_start) - 371 from lifecycle.user_stage_flows)
order by week_start, from_stage, to_stage;
