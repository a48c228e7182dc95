-- Complete weeks of every subject since its first use, with the day of that use.
with first_days as (

    select
        subject_kind,
        subject_name,
        min(period_start) as first_date
    from growth.accounting
    where "interval" = 'day'
    group by subject_kind, subject_name

)

select
    weeks.subject_kind,
    weeks.subject_name,
    first_days.first_date,
    weeks.period_start,
    weeks.active_users,
    weeks.new_users,
    weeks.quick_ratio
from growth.accounting as weeks
inner join first_days
    on weeks.subject_kind = first_days.subject_kind
    and weeks.subject_name = first_days.subject_name
where weeks."interval" = 'week' and weeks.is_complete
order by weeks.subject_kind, weeks.subject_name, weeks.period_start
