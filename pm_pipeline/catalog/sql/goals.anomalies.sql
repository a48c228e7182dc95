-- The last 12 weeks of daily people, inside of what was expected of each day.
select
    activity_date as x,
    metric_name as series,
    value,
    expected_low as low,
    expected_high as high
from goals.anomalies
where metric_name = 'daily_active_users'
    and expected is not null
    and activity_date > (select max(activity_date) - 84 from goals.anomalies)
order by activity_date
