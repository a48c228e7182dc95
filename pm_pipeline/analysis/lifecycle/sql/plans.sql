-- What product.yml says of each feature.
select
    feature_name,
    cast(launched_on as date) as launched_on,
    target_users,
    monthly_value,
    monthly_cost
from definitions.feature_plans
