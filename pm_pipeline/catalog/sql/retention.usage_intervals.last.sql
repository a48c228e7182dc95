-- Within how many days half, and four fifths, of the people come back.
select
    retention_name as retention,
    min(interval_days) filter (where cumulative_rate >= 0.5) as half_within_days,
    min(interval_days) filter (where cumulative_rate >= 0.8) as four_fifths_within_days
from retention.usage_intervals
group by retention_name
order by retention_name
