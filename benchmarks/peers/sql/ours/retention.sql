select retention_name, cohort_start, period_index, cohort_users, retained_users
from retention.cohorts
where segment_name = 'all' and period_index >= 1 and cohort_users > 0 and is_complete
