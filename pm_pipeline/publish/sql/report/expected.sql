-- People of each of the last 12 weeks' days beside what was expected of the day.
with last_day as (
    select max(activity_date) as last_date from goals.anomalies
)

select
    days.activity_date,
    days.value,
    days.expected,
    days.expected_low,
    days.expected_high,
    days.is_alert or days.root_metric is not null as is_unlike
from goals.anomalies as days
cross join last_day
where
    days.metric_name = 'daily_active_users'
    and days.expected is not null
    and days.activity_date > last_day.last_date - 84
order by days.activity_date;
