-- A funnel has a row for each of its steps over all time and for every day and week of the product;
-- a value of a break-down has them from its first entry on.
with product_days as (

    select min(activity_date) as first_date, max(activity_date) as last_date
    from engagement.active_users
    where segment_name = 'all'

),

series as (

    select
        funnel_name,
        period,
        segment_name,
        segment_value,
        min(period_start) as first_start,
        max(period_start) as last_start,
        count(*) as rows_count,
        count(distinct (period_start, step_index)) as places_count,
        count(distinct step_index) as steps_count
    from funnels.conversion
    group by all

),

funnel_values as (

    select distinct funnel_name, segment_name, segment_value
    from funnels.conversion

    union

    select funnels.funnel_name, 'all', 'all'
    from definitions.funnels
    cross join product_days
    where product_days.first_date is not null and funnels.experiment_name is null

),

expected as (

    select
        funnel_values.*,
        funnels.steps_count,
        periods.period,
        periods.days_count,
        product_days.first_date,
        product_days.last_date
    from funnel_values
    inner join definitions.funnels on funnel_values.funnel_name = funnels.funnel_name
    cross join product_days
    cross join (values ('all', null), ('day', 1), ('week', 7)) as periods (period, days_count)
    -- Before the first event there is no day.
    where periods.period = 'all' or product_days.first_date is not null

),

differences as (

    select expected.funnel_name, expected.period
    from expected
    left join series
        on expected.funnel_name = series.funnel_name
        and expected.segment_name = series.segment_name
        and expected.segment_value = series.segment_value
        and expected.period = series.period
    where
        not coalesce(
            series.steps_count = expected.steps_count
            and series.rows_count = series.places_count
            and case
                when expected.period = 'all' then series.rows_count = expected.steps_count
                else
                    series.rows_count = expected.steps_count * (
                        (series.last_start - series.first_start) / expected.days_count + 1
                    )
                    and expected.last_date - series.last_start
                    between 0 and expected.days_count - 1
                    and (
                        expected.segment_name <> 'all'
                        or expected.first_date - series.first_start
                        between 0 and expected.days_count - 1
                    )
            end,
            false
        )

)

select
    count(*) as value,
    count(*) || ' series with a missing or doubled row' || coalesce(
        ', first of ' || min(funnel_name) || ' by ' || arg_min(period, (funnel_name, period)), ''
    ) as observed,
    'every step of every day and week from the first event to as-of, once' as expected
from differences
