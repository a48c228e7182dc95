-- Of the publications before this one: publish adds what the run's own restates.
select
    published_at,
    table_name,
    row_key,
    metric_name,
    previous_value,
    new_value,
    cause
from {{ source('state', 'restatements') }}
