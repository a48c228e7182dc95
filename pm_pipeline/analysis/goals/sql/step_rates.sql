-- How many of those who entered early enough reached each step, over all time.
select funnel_name, step_name, mature_rate_from_start
from funnels.conversion
where period = 'all' and segment_name = 'all'
order by funnel_name, step_index
