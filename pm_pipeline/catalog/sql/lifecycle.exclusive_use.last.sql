-- The newest week of each feature, over the four weeks that end with it.
select feature_name as feature, period_start as week, users_count as people, exclusive_users_rate
from lifecycle.exclusive_use
qualify row_number() over (partition by feature_name order by period_start desc) = 1
order by feature_name
