-- active(t) = active(t-1) + new + resurrected - churned, for every subject and interval. A period
-- that is not over may leave churned open (NULL).
with periods as (

    select
        *,
        coalesce(
            lag(active_users) over (
                partition by subject_kind, subject_name, "interval" order by period_start
            ),
            0
        ) as active_users_before
    from growth.accounting

),

differences as (

    select subject_name, "interval", period_start
    from periods
    where
        not coalesce(
            active_users
            = active_users_before + new_users + resurrected_users - churned_users,
            not is_complete,
            false
        )

)

select
    count(*) as value,
    count(*) || ' periods do not balance' || coalesce(
        ', first the ' || arg_min("interval", period_start) || ' of ' || min(period_start), ''
    ) as observed,
    'active = active before + new + resurrected - churned' as expected
from differences
