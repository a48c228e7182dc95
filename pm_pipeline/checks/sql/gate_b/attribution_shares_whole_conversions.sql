-- Every model of an attribution shares the same conversions of a day, whole ones: the credits of its
-- channels add up to one whole number, and (unattributed) is among them.
with models as (

    select
        attribution_name,
        model,
        period_start,
        sum(credit) as credit,
        count(*) filter (where channel = '(unattributed)') as unattributed_rows
    from engagement.attribution
    group by attribution_name, model, period_start

),

compared as (

    select
        *,
        max(credit) over (partition by attribution_name, period_start) as largest_credit
    from models

),

differences as (

    select attribution_name, model, period_start
    from compared
    where
        not coalesce(
            abs(credit - round(largest_credit)) <= 1e-6 * greatest(largest_credit, 1)
            and unattributed_rows = 1,
            false
        )

)

select
    count(*) as value,
    count(*) || ' models and days do not add up' || coalesce(
        ', first ' || arg_min(attribution_name || ' by ' || model, period_start)
        || ' on ' || min(period_start),
        ''
    ) as observed,
    'the same whole number of conversions under every model' as expected
from differences
