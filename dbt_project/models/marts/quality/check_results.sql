-- The runs before this one: publish adds the results of the run itself, which end after dbt does.
select
    run_id,
    gate,
    check_name,
    table_name,
    severity,
    status,
    observed,
    expected,
    checked_at
from {{ source('state', 'check_results') }}
