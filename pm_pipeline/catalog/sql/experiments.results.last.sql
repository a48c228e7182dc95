-- The primary metrics of all units.
select
    experiment_name || ': ' || metric_name || ', ' || variant as change,
    control_mean,
    difference,
    deciding_low as low,
    deciding_high as high,
    adjusted_p_value as p,
    status
from experiments.results
where role = 'primary' and segment_name = 'all' and analysis_set = 'default'
order by change
