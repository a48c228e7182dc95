-- What arrived day by day: the 100 most frequent events, and the values of each segment.
with events as (

    select
        event_name,
        row_number() over (order by sum(events_count) desc, event_name asc) as place
    from engagement.event_usage
    where segment_name = 'all'
    group by event_name

)

select
    'event ' || days.event_name as signal_name,
    days.activity_date,
    days.events_count,
    days.users_count
from engagement.event_usage as days
inner join events on days.event_name = events.event_name
where days.segment_name = 'all' and events.place <= 100

union all

select
    segment_name || ' ' || segment_value as signal_name,
    activity_date,
    events_count,
    daily_active_users as users_count
from engagement.active_users
where segment_name != 'all'
order by signal_name, activity_date
