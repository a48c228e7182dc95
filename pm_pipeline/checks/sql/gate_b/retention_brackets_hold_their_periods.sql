-- A bracket is of the same people as its cohort, and whoever came back in one of its periods did so
-- within the bracket.
with single as (

    select
        brackets.retention_name,
        brackets.cohort_start,
        brackets.cohort_users,
        brackets.retained_users,
        max(cohorts.retained_users) filter (
            where cohorts.period_index between brackets.first_period and brackets.last_period
        ) as retained_in_one_period,
        max(cohorts.cohort_users) as users_of_cohort
    from retention.brackets
    left join retention.cohorts
        on brackets.retention_name = cohorts.retention_name
        and brackets.segment_name = cohorts.segment_name
        and brackets.segment_value = cohorts.segment_value
        and brackets.cohort_start = cohorts.cohort_start
    group by
        brackets.retention_name,
        brackets.segment_name,
        brackets.segment_value,
        brackets.cohort_start,
        brackets.bracket,
        brackets.cohort_users,
        brackets.retained_users

),

differences as (

    select retention_name, cohort_start
    from single
    where
        users_of_cohort is distinct from cohort_users
        or retained_users > cohort_users
        or retained_users < coalesce(retained_in_one_period, 0)

)

select
    count(*) as value,
    count(*) || ' brackets out of bounds' || coalesce(
        ', first of ' || arg_min(retention_name, cohort_start) || ' at ' || min(cohort_start), ''
    ) as observed,
    'any one period <= bracket <= the cohort' as expected
from differences
