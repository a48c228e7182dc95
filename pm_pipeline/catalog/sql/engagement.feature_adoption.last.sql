-- The last complete week of each feature.
select feature_name as feature, period_start as week, adopters, adoption_rate, new_adopters
from engagement.feature_adoption
where is_complete
qualify row_number() over (partition by feature_name order by period_start desc) = 1
order by adoption_rate desc, feature_name
