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
where is_complete
order by feature_name, period_start;
