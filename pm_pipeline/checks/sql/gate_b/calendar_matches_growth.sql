-- Active and new users of a week or month are those of the product's growth accounting. A period
-- without any active user may have no row there.
with differences as (

    select period_start
    from
        (
            select *
            from engagement.calendar_active_users
            where segment_name = 'all' and (active_users > 0 or new_users > 0)
        ) as calendar
    full join
        (
            select *
            from growth.accounting
            where subject_kind = 'product' and "interval" <> 'day' and active_users > 0
        ) as accounting
        using ("interval", period_start)
    where
        calendar.active_users is distinct from accounting.active_users
        or calendar.new_users is distinct from accounting.new_users
        or calendar.is_complete is distinct from accounting.is_complete

)

select
    count(*) as value,
    count(*) || ' periods differ' || coalesce(', first ' || min(period_start), '') as observed,
    'the active and new users of growth accounting' as expected
from differences
