-- Each funnel over all time, step by step.
select
    funnel_name,
    step_index,
    step_name,
    users_count,
    rate_from_start,
    rate_from_previous,
    mature_users_count,
    mature_rate_from_start,
    median_seconds
from funnels.conversion
where period = 'all' and segment_name = 'all'
order by funnel_name, step_index;
