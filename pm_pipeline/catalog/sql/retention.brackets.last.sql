-- The newest complete cohort of each bracket.
select
    retention_name as retention, bracket, cohort_start as cohort, cohort_users as people,
    retained_rate
from retention.brackets
where segment_name = 'all' and is_complete
qualify row_number() over (
    partition by retention_name, bracket order by cohort_start desc
) = 1
order by retention_name, min(first_period) over (partition by retention_name, bracket)
