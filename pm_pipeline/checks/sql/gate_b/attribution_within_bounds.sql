-- A channel is credited with a part of each conversion that it shares in: never with less than
-- nothing, never with more than all of them. What is unattributed is not shared.
with wrong as (

    select attribution_name, model, period_start, channel
    from engagement.attribution
    where
        not coalesce(
            credit >= 0
            and credit <= conversions_count + 1e-6 * greatest(conversions_count, 1)
            and (credit > 0) = (conversions_count > 0)
            and (channel != '(unattributed)' or credit = conversions_count),
            false
        )

)

select
    count(*) as value,
    count(*) || ' rows' || coalesce(', first on ' || min(period_start), '') as observed,
    'credit between 0 and the conversions that it is part of' as expected
from wrong
