-- The metrics over events of product.yml; days of a share of people cannot be added up.
select
    metric_name,
    case when aggregate = 'proportion' then 'daily' else 'sum' end as kind
from definitions.metrics
order by metric_name
