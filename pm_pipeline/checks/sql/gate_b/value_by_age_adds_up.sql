-- A cohort's value at an age is what its periods add up to; it is of the same people, and as mature,
-- as its retention; who ever had a value stays one who had.
with ages as (

    select
        *,
        sum(period_value) over so_far as expected_value,
        lag(users_with_value) over so_far as users_with_value_before
    from retention.value_by_age
    window so_far as (
        partition by retention_name, metric_name, cohort_start order by period_index
        rows between unbounded preceding and current row
    )

),

cohorts as (

    select retention_name, cohort_start, period_index, cohort_users, is_complete
    from retention.cohorts
    where segment_name = 'all'

),

named as (

    select distinct retention_name, metric_name from ages

),

expected as (

    select cohorts.*, named.metric_name
    from cohorts
    inner join named on cohorts.retention_name = named.retention_name

),

differences as (

    select
        coalesce(ages.retention_name, expected.retention_name) as retention_name,
        coalesce(ages.cohort_start, expected.cohort_start) as cohort_start
    from ages
    full join expected
        on ages.retention_name = expected.retention_name
        and ages.metric_name = expected.metric_name
        and ages.cohort_start = expected.cohort_start
        and ages.period_index = expected.period_index
    where
        ages.cohort_users is distinct from expected.cohort_users
        or ages.is_complete is distinct from expected.is_complete
        or abs(ages.value - ages.expected_value) > 1e-6 * greatest(1, abs(ages.value))
        or ages.users_with_value < coalesce(ages.users_with_value_before, 0)
        or ages.users_with_value > ages.cohort_users
        or (ages.value_per_user is not null) <> (ages.is_complete and ages.cohort_users > 0)

)

select
    count(*) as value,
    count(*) || ' ages of cohorts do not add up' || coalesce(
        ', first of ' || arg_min(retention_name, cohort_start) || ' at ' || min(cohort_start), ''
    ) as observed,
    'the periods'' values added up, of the people of the cohort' as expected
from differences
