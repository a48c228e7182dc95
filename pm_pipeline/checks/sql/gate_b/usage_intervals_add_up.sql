-- The share of people rises with the interval, by the share of each row, and ends at 1.
with shares as (

    select
        retention_name,
        interval_days,
        cumulative_rate,
        sum(users_count) over (
            partition by retention_name order by interval_days
            rows between unbounded preceding and current row
        ) / sum(users_count) over (partition by retention_name) as expected_rate
    from retention.usage_intervals

),

differences as (

    select retention_name, interval_days
    from shares
    where
        interval_days is null
        or interval_days < 1
        or not coalesce(abs(cumulative_rate - expected_rate) < 1e-9, false)

)

select
    count(*) as value,
    count(*) || ' intervals do not add up' || coalesce(
        ', first ' || min(interval_days) || ' days of ' || arg_min(retention_name, interval_days), ''
    ) as observed,
    'shares of people that add up to 1' as expected
from differences
