select metric_name, activity_date, value
from goals.metric_values
where value is not null
order by metric_name, activity_date
