-- The alerts of the last judged day.
select metric_name as metric, activity_date as day, value, expected, z, cause
from goals.anomalies
where is_alert and activity_date = (select max(activity_date) from goals.anomalies)
order by metric_name
