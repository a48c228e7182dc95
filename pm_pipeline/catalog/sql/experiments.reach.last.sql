-- What those exposed make of the whole, each variant and metric.
select
    experiment_name as experiment,
    metric_name as metric,
    variant,
    users_count as people,
    eligible_value,
    product_value
from experiments.reach
order by experiment_name, metric_name, variant
limit 20
