-- The newest value of each metric.
select metric_name as metric, activity_date as day, value
from goals.metric_values
where value is not null
qualify row_number() over (partition by metric_name order by activity_date desc) = 1
order by metric_name
