-- Every cohort has the same periods, from 0 on without a gap, and in total every day, week or month
-- between the first and the last cohort is one.
with cohorts as (

    select
        retention_name,
        segment_name,
        segment_value,
        cohort_start,
        any_value("interval") as "interval",
        count(*) as cells_count,
        count(distinct period_index) as periods_count,
        min(period_index) as first_period,
        max(period_index) as last_period
    from retention.cohorts
    group by retention_name, segment_name, segment_value, cohort_start

),

compared as (

    select
        *,
        max(last_period) over (partition by retention_name) as expected_last_period,
        lag(cohort_start) over (
            partition by retention_name, segment_name, segment_value order by cohort_start
        ) as cohort_before
    from cohorts

),

differences as (

    select retention_name, cohort_start
    from compared
    where
        not (
            first_period = 0
            and last_period = expected_last_period
            and periods_count = last_period + 1
            and cells_count = periods_count
        )
        or (
            segment_name = 'all'
            and cohort_before is not null
            and cohort_start > case "interval"
                when 'day' then cohort_before + 1
                when 'week' then cohort_before + 7
                else cast(cohort_before + interval 1 month as date)
            end
        )

)

select
    count(*) as value,
    count(*) || ' cohorts with a missing or doubled period, or none before them' || coalesce(
        ', first of ' || arg_min(retention_name, cohort_start) || ' at ' || min(cohort_start), ''
    ) as observed,
    'every period of every cohort, once' as expected
from differences
