-- Each funnel as a whole, by step.
select
    funnel_name || ': ' || step_index || '. ' || step_name as step,
    users_count,
    rate_from_start,
    mature_rate_from_start,
    median_seconds
from funnels.conversion
where period = 'all' and segment_name = 'all'
order by funnel_name, step_index
