-- What ended after dbt did: this run's check results and publication.
insert into quality.check_results
select run_id, gate, check_name, table_name, severity, status, observed, expected, checked_at
from state.check_results
where run_id = $run_id and (run_id, gate, check_name, table_name) not in (
    select (run_id, gate, check_name, table_name) from quality.check_results
);

insert into quality.publications
select
    $published_at,
    $run_id,
    $as_of,
    coalesce(sum(rows_count), 0),
    min(first_event_at),
    max(last_event_at),
    $definitions_sha256,
    $package_version
from state.lake_files
where kind = 'events' and unlisted_at is null;
