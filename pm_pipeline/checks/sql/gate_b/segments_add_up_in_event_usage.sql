-- An event carries one value of every segment: the values of a segment add up to the total of the
-- event name on that date, and none is missing.
with daily as (

    select activity_date, event_name, segment_name, sum(events_count) as events_count
    from engagement.event_usage
    group by activity_date, event_name, segment_name

),

segment_names as (

    select distinct segment_name from daily

),

totals as (

    select daily.activity_date, daily.event_name, segment_names.segment_name, daily.events_count
    from daily
    cross join segment_names
    where daily.segment_name = 'all' and segment_names.segment_name <> 'all'

),

differences as (

    select activity_date, segment_name
    from totals
    full join (select * from daily where segment_name <> 'all') as parts
        using (activity_date, event_name, segment_name)
    where totals.events_count is distinct from parts.events_count

)

select
    count(*) as value,
    count(*) || ' events and dates differ' || coalesce(
        ', first on ' || min(activity_date) || ' in ' || count(distinct segment_name) || ' segments',
        ''
    ) as observed,
    'values of a segment add up to the total' as expected
from differences
