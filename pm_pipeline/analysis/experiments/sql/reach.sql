-- What the people of each arm have made of a metric lately, and the whole product.
select metric_name, variant, users_count, eligible_value, product_value
from experiments.reach
where experiment_name = $1
order by metric_name, variant
