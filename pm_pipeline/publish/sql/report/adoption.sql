-- Who of those active in a complete week used each feature.
select
    feature_name,
    period_start,
    eligible_users,
    adopters,
    adoption_rate,
    new_adopters,
    repeat_adopters_rate
from engagement.feature_adoption
where
    is_complete
    and period_start > (select max(period_start) - 1092 from engagement.feature_adoption)
order by feature_name, period_start;
