-- Complete cells alone, each with its own denominator; at most 60 periods.
select period_index as x, retention_name as series, retained_rate as value
from retention.curve
where segment_name = 'all' and period_index between 1 and 60 and retained_rate is not null
order by retention_name, period_index
