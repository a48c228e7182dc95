-- active = new + retained + resurrected; churned = churned_new + churned_retained +
-- churned_resurrected; no count is negative. A period that is not over may leave churned open.
with differences as (

    select "interval", period_start
    from growth.accounting
    where
        not coalesce(
            active_users = new_users + retained_users + resurrected_users
            and least(new_users, retained_users, resurrected_users) >= 0,
            false
        )
        or not coalesce(
            churned_users = churned_new_users + churned_retained_users + churned_resurrected_users
            and least(churned_new_users, churned_retained_users, churned_resurrected_users) >= 0,
            not is_complete,
            false
        )
        or expansion < 0
        or contraction < 0

)

select
    count(*) as value,
    count(*) || ' periods do not add up' || coalesce(
        ', first the ' || arg_min("interval", period_start) || ' of ' || min(period_start), ''
    ) as observed,
    'new + retained + resurrected = active, and the three kinds of churned' as expected
from differences
