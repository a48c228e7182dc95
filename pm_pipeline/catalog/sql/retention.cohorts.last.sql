-- The newest cohort that has had its first period.
select
    retention_name as retention, cohort_start as cohort, cohort_users as people, retained_rate
from retention.cohorts
where segment_name = 'all' and period_index = 1 and is_complete
qualify row_number() over (partition by retention_name order by cohort_start desc) = 1
order by retention_name
