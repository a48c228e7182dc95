-- Each retention over all cohorts old enough.
select
    retention_name,
    interval,
    period_index,
    eligible_users,
    retained_users,
    retained_rate
from retention.curve
where segment_name = 'all'
order by retention_name, period_index;
