-- An event carries one value of every segment, and a user is new in one value: both add up to the
-- date's total. (Active users and sessions need not: a user may carry several values.)
with daily as (

    select
        activity_date,
        segment_name,
        sum(events_count) as events_count,
        sum(new_users) as new_users
    from engagement.active_users
    group by activity_date, segment_name

),

segment_names as (

    select distinct segment_name from daily where segment_name <> 'all'

),

totals as (

    select daily.activity_date, segment_names.segment_name, daily.events_count, daily.new_users
    from daily
    cross join segment_names
    where daily.segment_name = 'all'

),

differences as (

    select activity_date, segment_name
    from totals
    full join (select * from daily where segment_name <> 'all') as parts
        using (activity_date, segment_name)
    where
        -- A date on which nobody carried any value may have no rows but the total's.
        coalesce(totals.events_count, 0) <> coalesce(parts.events_count, 0)
        or coalesce(totals.new_users, 0) <> coalesce(parts.new_users, 0)

)

select
    count(*) as value,
    count(*) || ' dates differ' || coalesce(
        ', first on ' || min(activity_date) || ' in ' || count(distinct segment_name) || ' segments',
        ''
    ) as observed,
    'values of a segment add up to the total' as expected
from differences
