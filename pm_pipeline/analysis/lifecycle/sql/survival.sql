-- Old users of each month and how many were active in the next one, by the day after that one.
select
    subject_kind,
    subject_name,
    cast(period_start + interval 2 month as date) as known_from,
    old_users,
    surviving_users
from lifecycle.survival
where is_complete
order by subject_kind, subject_name, period_start
