-- The newest week whose people have had their week 4.
select subject_name as subject, period_start as week, cohort_users, week_4_rate
from lifecycle.cohort_return
where is_complete
qualify row_number() over (
    partition by subject_kind, subject_name order by period_start desc
) = 1
order by subject_kind = 'product' desc, subject_name
