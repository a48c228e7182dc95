-- The built-in metrics of each segment value, of at most 20 values a segment, the largest ones.
with ranked as (

    select
        segment_name,
        segment_value,
        row_number() over (
            partition by segment_name order by sum(events_count) desc, segment_value asc
        ) as place
    from engagement.active_users
    where segment_name != 'all'
    group by segment_name, segment_value

)

select
    days.segment_name,
    days.segment_value,
    days.activity_date,
    days.daily_active_users,
    days.weekly_active_users,
    days.monthly_active_users,
    days.new_users,
    days.sessions_count as sessions,
    days.stickiness_rate
from engagement.active_users as days
inner join ranked
    on days.segment_name = ranked.segment_name and days.segment_value = ranked.segment_value
where ranked.place <= 20
order by days.segment_name, days.segment_value, days.activity_date
