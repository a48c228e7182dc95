-- The metrics that are rates: of a ratio its two metrics, of the others how long they look back.
select
    metric_name,
    numerator,
    denominator,
    known_after_days
from definitions.rate_metrics
order by metric_name
