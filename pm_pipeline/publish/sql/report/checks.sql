-- Every check of the run that published this file, or of the last run that checked anything;
-- those that did not pass first.
with last_run as (
    select run_id
    from quality.check_results
    order by
        run_id is not distinct from (
            select arg_max(run_id, published_at) from quality.publications
        ) desc,
        checked_at desc
    limit 1
)

select
    check_results.gate,
    check_results.check_name,
    check_results.table_name,
    check_results.severity,
    check_results.status,
    check_results.observed,
    check_results.expected,
    check_results.checked_at
from quality.check_results
inner join last_run on check_results.run_id = last_run.run_id
order by
    list_position(['error', 'fail', 'warn', 'pass'], check_results.status) nulls first,
    list_position(['A', 'dbt', 'B', 'C'], check_results.gate) nulls last,
    check_results.table_name,
    check_results.check_name;
