-- Changes of all units against the control's mean, with the interval that decides.
select
    experiment_name as series,
    metric_name || ', ' || variant as step,
    difference / control_mean as value,
    deciding_low / control_mean as low,
    deciding_high / control_mean as high
from experiments.results
where segment_name = 'all'
    and analysis_set = 'default'
    and control_mean > 0
    and difference is not null
    and deciding_low is not null
    and deciding_high is not null
order by experiment_name, metric_name, variant
