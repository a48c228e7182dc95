-- The last day of each experiment.
select
    experiment_name || ': ' || metric_name || ', ' || variant as change,
    as_of_date as day,
    difference,
    deciding_low as low,
    deciding_high as high,
    users_count as units
from experiments.timeline
qualify row_number() over (
    partition by experiment_name, metric_name, variant order by as_of_date desc
) = 1
order by change
