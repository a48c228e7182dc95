-- Retentions and steps of funnels by values of their segments, on the day on which they are known,
-- as in goals.metric_values.
with returns as (

    select
        metrics.metric_name,
        case
            when metrics.clock = 'rolling' then
                case metrics.interval
                    when 'day' then cohorts.cohort_start + 1
                    when 'week' then cohorts.cohort_start + 7
                    else cast(cohorts.cohort_start + interval 1 month as date)
                end - 1 + cast(metrics.known_after_days as integer)
            when metrics.interval = 'month' then
                cast(
                    cohorts.cohort_start
                    + to_months(cast(metrics.period_index + 1 as integer)) as date
                ) - 1
            else cohorts.cohort_start + cast(metrics.known_after_days as integer) - 1
        end as activity_date,
        cohorts.segment_name,
        cohorts.segment_value,
        cohorts.retained_users as numerator,
        cohorts.cohort_users as denominator
    from definitions.rate_metrics as metrics
    inner join retention.cohorts as cohorts
        on
        metrics.retention_name = cohorts.retention_name
        and metrics.period_index = cohorts.period_index
    where cohorts.segment_name != 'all' and cohorts.is_complete

),

steps as (

    -- Those who entered: no rate of conversion counts them in a step that nobody came to.
    select
        funnel_name,
        period_start,
        segment_name,
        segment_value,
        step_index,
        mature_users_count,
        max(round(mature_users_count / mature_rate_from_start))
            filter (where mature_users_count > 0) over (
                partition by funnel_name, period_start, segment_name, segment_value
            ) as entries_count
    from funnels.conversion
    where period = 'day' and segment_name != 'all'

),

entries as (

    select
        metrics.metric_name,
        steps.period_start + cast(metrics.known_after_days as integer) as activity_date,
        steps.segment_name,
        steps.segment_value,
        steps.mature_users_count as numerator,
        steps.entries_count as denominator
    from definitions.rate_metrics as metrics
    inner join steps
        on metrics.funnel_name = steps.funnel_name and metrics.step_index = steps.step_index
    where steps.entries_count > 0

),

slices as (

    select * from returns

    union all

    select * from entries

)

select
    metric_name,
    activity_date,
    segment_name,
    segment_value,
    numerator,
    denominator
from slices
where activity_date <= (select max(activity_date) from goals.metric_values)
order by metric_name, activity_date, segment_name, segment_value
