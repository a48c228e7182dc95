-- The metrics of product.yml: how their days make up a period, the largest value there can be, and
-- how many days lie between two values. Days of a share of people cannot be added up.
select
    metric_name,
    case when aggregate = 'proportion' then 'daily' else 'sum' end as kind,
    null as upper_value,
    1 as step_days
from definitions.metrics

union all

select
    metric_name,
    'rate' as kind,
    case when kind != 'ratio' then 1.0::double end as upper_value,
    case when interval = 'month' and clock = 'calendar' then 31 else 1 end as step_days
from definitions.rate_metrics
order by metric_name
