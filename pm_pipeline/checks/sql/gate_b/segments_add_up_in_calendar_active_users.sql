-- A user is new in one value of every segment, so new users add up to the period's total. Active
-- users may be in several values: each holds at most the total, all together at least it.
with periods as (

    select
        "interval",
        period_start,
        segment_name,
        sum(new_users) as new_users,
        max(active_users) as most_active_users,
        sum(active_users) as active_users
    from engagement.calendar_active_users
    group by "interval", period_start, segment_name

),

differences as (

    select totals.period_start
    from periods as totals
    inner join periods as parts
        on totals."interval" = parts."interval" and totals.period_start = parts.period_start
    where
        totals.segment_name = 'all'
        and parts.segment_name <> 'all'
        and not coalesce(
            totals.new_users = parts.new_users
            and totals.active_users between parts.most_active_users and parts.active_users,
            false
        )

)

select
    count(*) as value,
    count(*) || ' periods do not add up' || coalesce(', first ' || min(period_start), '')
        as observed,
    'new users add up, active users lie between the largest value and the sum' as expected
from differences
