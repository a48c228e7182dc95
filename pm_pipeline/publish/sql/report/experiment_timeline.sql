-- How the primary metrics of every experiment looked at the end of each day.
select
    timeline.experiment_name,
    timeline.metric_name,
    timeline.variant,
    timeline.as_of_date,
    timeline.difference,
    timeline.deciding_low,
    timeline.deciding_high,
    timeline.users_count
from experiments.timeline
semi join experiments.results as results
    on timeline.experiment_name = results.experiment_name
    and timeline.metric_name = results.metric_name
    and results.role = 'primary'
order by timeline.experiment_name, timeline.metric_name, timeline.variant, timeline.as_of_date;
