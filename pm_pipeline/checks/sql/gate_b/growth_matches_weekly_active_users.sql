-- Active users of a week that is over are those of the 7 days that end with it.
with differences as (

    select accounting.period_start
    from growth.accounting as accounting
    left join engagement.active_users as active_users
        on accounting.period_start + 6 = active_users.activity_date
        and active_users.segment_name = 'all'
        and active_users.segment_value = 'all'
    where
        accounting.subject_kind = 'product'
        and accounting."interval" = 'week'
        and accounting.is_complete
        and accounting.active_users is distinct from active_users.weekly_active_users

)

select
    count(*) as value,
    count(*) || ' weeks differ' || coalesce(', first ' || min(period_start), '') as observed,
    'the same active users' as expected
from differences
