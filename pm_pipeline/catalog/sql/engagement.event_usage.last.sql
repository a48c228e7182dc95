-- The last 7 days: what people did most.
select event_name as event, sum(events_count) as times, sum(users_count) / 7 as people_a_day
from engagement.event_usage
where segment_name = 'all'
    and activity_date > (select max(activity_date) - 7 from engagement.event_usage)
group by event_name
order by times desc, event_name
limit 10
