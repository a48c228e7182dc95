-- The last 26 complete weeks of each feature.
select period_start as x, feature_name as series, adoption_rate as value
from engagement.feature_adoption
where is_complete
    and period_start > (select max(period_start) - 26 * 7 from engagement.feature_adoption)
order by feature_name, period_start
