-- The first metric that decides of each experiment: its difference at the end of each day.
select
    timeline.as_of_date as x,
    timeline.experiment_name || ': ' || timeline.metric_name || ', ' || timeline.variant as series,
    timeline.difference as value,
    timeline.deciding_low as low,
    timeline.deciding_high as high
from experiments.timeline
semi join experiments.results
    on timeline.experiment_name = results.experiment_name
    and timeline.metric_name = results.metric_name
    and results.role = 'primary'
where timeline.difference is not null
qualify timeline.metric_name = first_value(timeline.metric_name) over (
    partition by timeline.experiment_name order by timeline.metric_name
)
order by timeline.experiment_name, timeline.variant, timeline.as_of_date
