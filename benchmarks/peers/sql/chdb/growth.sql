-- A person's periods in order: each has one before it and one after it.
with
    periods as (
        select distinct
            user_key,
            step.1 as interval_name,
            step.2 as period_start
        from events
        array join [
            ('day', event_date), ('week', toMonday(event_date)), ('month', toStartOfMonth(event_date))
        ] as step
    ),
    steps as (
        select
            interval_name,
            period_start,
            multiIf(
                interval_name = 'day', period_start + 1,
                interval_name = 'week', period_start + 7,
                addMonths(period_start, 1)
            ) as next_start,
            lagInFrame(next_start, 1, toDate('1970-01-01')) over walk as expected_start,
            leadInFrame(period_start, 1, toDate('1970-01-01')) over walk as following_start
        from periods
        window walk as (
            partition by interval_name, user_key order by period_start
            rows between unbounded preceding and unbounded following
        )
    )
select
    interval_name as interval,
    period_start,
    sum(is_active) as active_users,
    sum(is_new) as new_users,
    sum(is_retained) as retained_users,
    sum(is_active) - sum(is_new) - sum(is_retained) as resurrected_users,
    sum(is_churned) as churned_users
from (
    select
        interval_name,
        period_start,
        1 as is_active,
        expected_start = toDate('1970-01-01') as is_new,
        expected_start = period_start as is_retained,
        0 as is_churned
    from steps

    union all

    select interval_name, next_start, 0, 0, 0, 1
    from steps
    where following_start <> next_start
)
group by interval, period_start
having
    active_users > 0
    and multiIf(
        interval = 'day', period_start,
        interval = 'week', period_start + 6,
        addMonths(period_start, 1) - 1
    ) <= (select max(event_date) from events)
