-- Users of each feature over the four weeks ending with a week, and who used no other feature.
select 'feature' as subject_kind, feature_name, period_start, users_count, exclusive_users
from lifecycle.exclusive_use
order by feature_name, period_start
