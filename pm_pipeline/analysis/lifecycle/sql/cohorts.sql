-- New users of each week and how many were active in week 4, by the day after that week.
select
    subject_kind,
    subject_name,
    period_start + 35 as known_from,
    cohort_users,
    week_4_users
from lifecycle.cohort_return
where is_complete
order by subject_kind, subject_name, period_start
