-- A user is new on one date: that of the first active event.
select
    abs(totals.new_users - users.users_count) as value,
    totals.new_users || ' new users over all dates' as observed,
    users.users_count || ' users ever active' as expected
from (
    select coalesce(sum(new_users), 0) as new_users
    from engagement.active_users
    where segment_name = 'all' and segment_value = 'all'
) as totals
cross join (
    select count(*) as users_count from core.users where active_days_count > 0
) as users
