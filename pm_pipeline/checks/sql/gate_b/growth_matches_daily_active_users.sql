-- Active users of a day are the same in both families.
with differences as (

    select coalesce(accounting.period_start, active_users.activity_date) as activity_date
    from (
        select period_start, active_users, new_users
        from growth.accounting
        where subject_kind = 'product' and "interval" = 'day'
    ) as accounting
    full join (
        select activity_date, daily_active_users, new_users
        from engagement.active_users
        where segment_name = 'all' and segment_value = 'all'
    ) as active_users on accounting.period_start = active_users.activity_date
    where
        -- Before the first active event of all only one of the two may have a row.
        coalesce(accounting.active_users, 0) <> coalesce(active_users.daily_active_users, 0)
        or coalesce(accounting.new_users, 0) <> coalesce(active_users.new_users, 0)

)

select
    count(*) as value,
    count(*) || ' dates differ' || coalesce(', first ' || min(activity_date), '') as observed,
    'the same active and new users' as expected
from differences
