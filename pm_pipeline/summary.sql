-- name: last_publication
select published_at, as_of, events_count, last_event_at
from publications
order by published_at desc
limit 1;

-- name: ledger
select
    count(*),
    coalesce(sum(records_count), 0),
    coalesce(sum(accepted_count), 0),
    coalesce(sum(duplicate_count), 0),
    coalesce(sum(rejected_count), 0),
    coalesce(sum(excluded_count), 0)
from files;

-- name: unread
select path, reason, detail from unread_files order by path;

-- name: last_run
select run_id from check_results order by checked_at desc limit 1;

-- name: check_counts
select status, count(*)
from check_results
where run_id = ?
group by status
order by list_position(['pass', 'warn', 'fail', 'error'], status);

-- name: checks_to_show
select gate, check_name, table_name, status, observed, expected
from check_results
where run_id = ? and status != 'pass'
order by list_position(['error', 'fail', 'warn'], status), gate, check_name;

-- name: tables
select schema_name || '.' || table_name, estimated_size
from duckdb_tables()
order by 1;

-- name: restated
select cause, count(*)
from restatements
where published_at = (select max(published_at) from publications)
group by cause
order by count(*) desc, cause;
