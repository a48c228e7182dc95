-- Weekly active people of the features that had most of them lately, the last three years, oldest
-- week first.
with weekly as (
    select subject_name, period_start, active_users, is_complete
    from growth.accounting
    where
        subject_kind = 'feature'
        and interval = 'week'
        and period_start > (select max(period_start) - 1092 from growth.accounting)
),

latest as (
    select
        subject_name,
        arg_max(active_users, period_start) filter (where is_complete) as active_users
    from weekly
    group by subject_name
),

ranked as (
    select
        subject_name,
        row_number() over (order by active_users desc nulls last, subject_name asc) as place,
        count(*) over () as features_count
    from latest
)

select
    weekly.subject_name as feature_name,
    weekly.period_start,
    weekly.active_users,
    weekly.is_complete,
    ranked.features_count
from weekly
inner join ranked on weekly.subject_name = ranked.subject_name
where ranked.place <= $shown
order by ranked.place, weekly.period_start;
