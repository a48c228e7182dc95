-- A person's days as an array: who starts on which, and which of the days after it are in it.
with
    (select max(event_date) from events) as last_date,
    people as (
        select
            user_key,
            groupUniqArray(event_date) as days,
            minIf(toMonday(event_date), event_name = 'event_01') as first_week,
            countIf(event_name = 'event_01') > 0 as has_week,
            groupUniqArrayIf(toMonday(event_date), event_name = 'event_02') as weeks
        from events
        group by user_key
    )
select
    retention_name,
    cohort_start,
    period_index,
    count() as cohort_users,
    countIf(is_back) as retained_users
from (
    select
        'back' as retention_name,
        arrayMin(days) as cohort_start,
        period_index,
        has(days, cohort_start + period_index) as is_back
    from people
    array join range(1, 31) as period_index
    where cohort_start + period_index <= last_date

    union all

    select
        'habit' as retention_name,
        cohort_start,
        period_index,
        has(days, cohort_start + period_index) as is_back
    from people
    array join days as cohort_start
    array join range(1, 29) as period_index
    where cohort_start + period_index <= last_date

    union all

    select
        'weekly' as retention_name,
        first_week as cohort_start,
        period_index,
        has(weeks, first_week + 7 * period_index) as is_back
    from people
    array join range(1, 13) as period_index
    where has_week and first_week + 7 * period_index + 6 <= last_date
)
group by retention_name, cohort_start, period_index
