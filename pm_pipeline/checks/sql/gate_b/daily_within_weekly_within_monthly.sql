-- Who was active on a day was active in the 7 and 28 days that end with it; no count is negative.
select
    count(*) as value,
    count(*) || ' rows' || coalesce(', first on ' || min(activity_date), '') as observed,
    'daily <= weekly <= monthly in every row' as expected
from engagement.active_users
where
    not coalesce(
        daily_active_users between 0 and weekly_active_users
        and weekly_active_users <= monthly_active_users
        and new_users between 0 and daily_active_users
        and sessions_count >= 0
        and events_count >= 0,
        false
    )
