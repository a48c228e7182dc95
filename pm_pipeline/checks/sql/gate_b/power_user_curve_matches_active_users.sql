-- The bins of a window add up to its active users, and the active days in them to the mean daily
-- active users, as stickiness has it.
with windows as (

    select
        as_of_date,
        window_days,
        sum(users_count) as users_count,
        sum(active_days * users_count) as user_days
    from engagement.power_user_curve
    group by as_of_date, window_days

),

differences as (

    select windows.as_of_date
    from windows
    left join engagement.active_users as active_users
        on windows.as_of_date = active_users.activity_date
        and active_users.segment_name = 'all'
        and active_users.segment_value = 'all'
    where
        windows.users_count is distinct from case
            when windows.window_days = 7 then active_users.weekly_active_users
            else active_users.monthly_active_users
        end
        or (
            windows.window_days = 28
            and abs(
                windows.user_days / 28.0
                - active_users.stickiness_rate * active_users.monthly_active_users
            ) > 1e-6
        )

)

select
    count(*) as value,
    count(*) || ' windows differ' || coalesce(', first to ' || min(as_of_date), '') as observed,
    'the weekly and monthly active users and their stickiness' as expected
from differences
