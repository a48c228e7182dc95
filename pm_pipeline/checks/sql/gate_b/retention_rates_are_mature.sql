-- A cell has a rate exactly when its period is over and somebody started; then it is the share.
with cells as (

    select
        retention_name,
        cohort_start,
        is_complete,
        cohort_users,
        retained_users,
        retained_rate
    from retention.cohorts

    union all

    select
        retention_name,
        cohort_start,
        is_complete,
        cohort_users,
        retained_on_or_after_users,
        retained_on_or_after_rate
    from retention.cohorts

    union all

    select
        retention_name,
        cohort_start,
        is_complete,
        cohort_users,
        retained_users,
        retained_rate
    from retention.brackets

),

differences as (

    select retention_name, cohort_start
    from cells
    where
        (retained_rate is not null) <> (is_complete and cohort_users > 0)
        or abs(retained_rate - retained_users / nullif(cohort_users, 0)) > 1e-9
        or retained_rate not between 0 and 1

)

select
    count(*) as value,
    count(*) || ' rates too early, missing or wrong' || coalesce(
        ', first of ' || arg_min(retention_name, cohort_start) || ' at ' || min(cohort_start), ''
    ) as observed,
    'a rate for complete cells of people, and for no others' as expected
from differences
