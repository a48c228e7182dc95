-- The alerts of the four weeks to the last day, the newest first.
with last_day as (
    select max(activity_date) as last_date from goals.anomalies
)

select
    days.metric_name,
    days.activity_date,
    days.value,
    days.expected,
    days.z,
    days.cause,
    days.activity_date = last_day.last_date as is_last_day,
    days.activity_date > last_day.last_date - 7 as is_last_week
from goals.anomalies as days
cross join last_day
where days.is_alert and days.activity_date > last_day.last_date - 28
order by days.activity_date desc, days.metric_name;
