-- Units behind each metric and variant.
select
    experiment_name as experiment,
    metric_name as metric,
    variant,
    sum(users_count) as units,
    sum(open_users_count) as still_open
from experiments.sufficient_statistics
where segment_name = 'all' and analysis_set = 'default'
group by experiment_name, metric_name, variant
order by experiment_name, metric_name, variant
limit 30
