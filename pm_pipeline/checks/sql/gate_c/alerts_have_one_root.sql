-- On one day an alert is its own root and says why; what follows a root is no alert.
with roots as (

    select distinct metric_name, activity_date
    from goals.anomalies
    where is_alert

)

select
    count(*) as value,
    count(*) || ' days with an alert without root or cause, or the other way round' as observed,
    'each alert its own root with a cause, all else follows an alert' as expected
from goals.anomalies as days
left join roots
    on days.root_metric = roots.metric_name and days.activity_date = roots.activity_date
where
    (days.is_alert and (days.cause is null or days.root_metric is distinct from days.metric_name))
    or (days.root_metric is not null and roots.metric_name is null)
    or (not days.is_alert and days.root_metric = days.metric_name)
