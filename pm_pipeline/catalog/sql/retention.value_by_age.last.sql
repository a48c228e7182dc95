-- What people of all complete cohorts are worth after their first and fourth period.
select
    retention_name || ', ' || metric_name || ', ' || period_index as value_after,
    sum(cohort_users) as people,
    sum(value) / sum(cohort_users) as value_per_user
from retention.value_by_age
where is_complete and period_index in (1, 4)
group by retention_name, metric_name, period_index
order by retention_name, metric_name, period_index
