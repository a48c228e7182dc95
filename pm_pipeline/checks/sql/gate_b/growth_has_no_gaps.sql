-- A subject has one row a period from its first to the last that the product has.
with subjects as (

    select
        subject_kind,
        subject_name,
        "interval",
        count(*) as periods_count,
        count(distinct period_start) as distinct_count,
        min(period_start) as first_period,
        max(period_start) as last_period
    from growth.accounting
    group by subject_kind, subject_name, "interval"

),

ends as (

    select "interval", max(last_period) as last_period from subjects group by "interval"

),

differences as (

    select subjects.subject_name, subjects."interval"
    from subjects
    inner join ends on subjects."interval" = ends."interval"
    where
        subjects.last_period <> ends.last_period
        or subjects.periods_count <> subjects.distinct_count
        or subjects.periods_count <> 1 + case subjects."interval"
            when 'day' then subjects.last_period - subjects.first_period
            when 'week' then (subjects.last_period - subjects.first_period) / 7
            else date_diff('month', subjects.first_period, subjects.last_period)
        end

)

select
    count(*) as value,
    count(*) || ' subjects and intervals with a missing or doubled period' as observed,
    'one row a period' as expected
from differences
