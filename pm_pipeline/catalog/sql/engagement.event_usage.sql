-- The last 56 days of the six events that most people used in the last 28 of them.
with last_day as (
    select max(activity_date) as activity_date from engagement.event_usage
),

used_most as (
    select event_name, sum(users_count) as users_count
    from engagement.event_usage
    where segment_name = 'all'
        and activity_date > (select activity_date - 28 from last_day)
    group by event_name
    order by users_count desc, event_name
    limit 6
)

select usage.activity_date as x, usage.event_name as series, usage.users_count as value
from engagement.event_usage as usage
inner join used_most using (event_name)
where usage.segment_name = 'all'
    and usage.activity_date > (select activity_date - 56 from last_day)
order by used_most.users_count desc, usage.event_name, usage.activity_date
