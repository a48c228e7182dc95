-- A bitmap of the people of each day, merged over the days that look back on it.
with days as (
    select
        event_date,
        segment.1 as segment_name,
        segment.2 as segment_value,
        groupBitmapState(user_key) as people
    from events
    array join [('all', 'all'), ('platform', platform), ('plan', plan)] as segment
    group by event_date, segment_name, segment_value
)
select
    event_date + age as activity_date,
    segment_name,
    segment_value,
    groupBitmapMergeIf(people, age = 0) as daily_active_users,
    groupBitmapMergeIf(people, age < 7) as weekly_active_users,
    groupBitmapMerge(people) as monthly_active_users
from days
array join range(28) as age
where activity_date <= (select max(event_date) from days)
group by activity_date, segment_name, segment_value
