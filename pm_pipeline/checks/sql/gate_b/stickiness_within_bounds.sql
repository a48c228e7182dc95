-- Stickiness is the share of the 28 days on which a monthly active user was active.
select
    count(*) as value,
    count(*) || ' rows' || coalesce(', first on ' || min(activity_date), '') as observed,
    '0 to 1 in every row' as expected
from engagement.active_users
where stickiness_rate not between 0 and 1 + 1e-9 or isnan(stickiness_rate)
