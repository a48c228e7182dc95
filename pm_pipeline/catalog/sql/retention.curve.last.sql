-- The first four periods of each retention, over all cohorts old enough.
select
    retention_name || ', ' || interval || ' ' || period_index as after,
    eligible_users as people,
    retained_rate
from retention.curve
where segment_name = 'all' and period_index between 1 and 4 and retained_rate is not null
order by retention_name, period_index
