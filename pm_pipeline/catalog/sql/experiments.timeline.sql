-- The first metric of each experiment: its difference at the end of each day.
select
    as_of_date as x,
    experiment_name || ': ' || metric_name || ', ' || variant as series,
    difference as value,
    deciding_low as low,
    deciding_high as high
from experiments.timeline
where difference is not null
qualify metric_name = first_value(metric_name) over (
    partition by experiment_name order by metric_name
)
order by experiment_name, variant, as_of_date
