-- A user is new in one day, one week and one month.
with users as (

    select count(*) as users_count from core.users where active_days_count > 0

),

totals as (

    select intervals.interval, coalesce(sum(accounting.new_users), 0) as new_users
    from (values ('day'), ('week'), ('month')) as intervals (interval)
    left join growth.accounting as accounting
        on intervals.interval = accounting.interval and accounting.subject_kind = 'product'
    group by intervals.interval

)

select
    max(abs(totals.new_users - users.users_count)) as value,
    string_agg(totals.new_users || ' by ' || totals.interval, ', ' order by totals.interval)
        as observed,
    max(users.users_count) || ' users ever active' as expected
from totals
cross join users
