-- The days of the last 12 weeks beside what was expected of them: of the metric that is most unlike
-- itself on the last day, else of daily people.
with last_day as (
    select max(activity_date) as last_date from goals.anomalies
),

chosen as (
    select
        coalesce(
            arg_max(days.metric_name, abs(days.z)) filter (
                where days.is_alert and days.activity_date = last_day.last_date
            ),
            'daily_active_users'
        ) as metric_name
    from goals.anomalies as days
    cross join last_day
)

select
    days.metric_name,
    days.activity_date,
    days.value,
    days.expected,
    days.expected_low,
    days.expected_high,
    days.is_alert or days.root_metric is not null as is_unlike
from goals.anomalies as days
inner join chosen on days.metric_name = chosen.metric_name
cross join last_day
where
    days.expected is not null
    and days.activity_date > last_day.last_date - 84
order by days.activity_date;
