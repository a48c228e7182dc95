-- Each funnel as a whole: the share of those who began that reached each step.
select
    funnel_name as series,
    step_index || '. ' || step_name as step,
    rate_from_start as value
from funnels.conversion
where period = 'all' and segment_name = 'all' and rate_from_start is not null
order by funnel_name, step_index
