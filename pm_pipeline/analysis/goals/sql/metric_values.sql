select metric_name, activity_date, value, numerator, denominator
from goals.metric_values
where value is not null or denominator is not null
order by metric_name, activity_date
