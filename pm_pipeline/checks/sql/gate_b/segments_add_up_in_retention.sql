-- A start has one value of every segment: the values of a segment add up to the total of a cell.
with cells as (

    select
        retention_name,
        segment_name,
        cohort_start,
        period_index,
        sum(cohort_users) as cohort_users,
        sum(retained_users) as retained_users,
        sum(retained_on_or_after_users) as retained_on_or_after_users
    from retention.cohorts
    group by retention_name, segment_name, cohort_start, period_index

),

segment_names as (

    select distinct retention_name, segment_name
    from cells
    where segment_name <> 'all'

),

differences as (

    select totals.retention_name, totals.cohort_start
    from cells as totals
    inner join segment_names on totals.retention_name = segment_names.retention_name
    left join cells as parts
        on totals.retention_name = parts.retention_name
        and segment_names.segment_name = parts.segment_name
        and totals.cohort_start = parts.cohort_start
        and totals.period_index = parts.period_index
    where
        totals.segment_name = 'all'
        and (
            totals.cohort_users <> coalesce(parts.cohort_users, 0)
            or totals.retained_users <> coalesce(parts.retained_users, 0)
            or totals.retained_on_or_after_users <> coalesce(parts.retained_on_or_after_users, 0)
        )

)

select
    count(*) as value,
    count(*) || ' cells differ' || coalesce(
        ', first of ' || arg_min(retention_name, cohort_start) || ' at ' || min(cohort_start), ''
    ) as observed,
    'values of a segment add up to the total' as expected
from differences
