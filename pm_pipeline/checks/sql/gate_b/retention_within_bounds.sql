-- Whoever came back in a period did so on or after it within the horizon, and these on or after it
-- at all, and these started: and on or after a later period are never more.
with cells as (

    select
        *,
        lag(retained_on_or_after_users) over (
            partition by retention_name, segment_name, segment_value, cohort_start
            order by period_index
        ) as on_or_after_before
    from retention.cohorts

),

differences as (

    select retention_name, cohort_start
    from cells
    where
        not coalesce(
            retained_users >= 0
            and retained_users <= retained_on_or_after_within_horizon_users
            and retained_on_or_after_within_horizon_users <= retained_on_or_after_users
            and retained_on_or_after_users <= coalesce(on_or_after_before, cohort_users),
            false
        )

)

select
    count(*) as value,
    count(*) || ' cells out of bounds' || coalesce(
        ', first of ' || arg_min(retention_name, cohort_start) || ' at ' || min(cohort_start), ''
    ) as observed,
    'on <= within the horizon <= on or after <= cohort, falling with the period' as expected
from differences
