insert into publications
select
    $run_id,
    $published_at,
    $as_of,
    (select ledger_version from ledger_version),
    $definitions_sha256,
    $code_sha256,
    $package_version,
    coalesce(sum(rows_count), 0),
    min(first_event_at),
    max(last_event_at)
from lake_files
where kind = 'events' and unlisted_at is null;

insert into publication_files
select $run_id, lake_path from lake_files where unlisted_at is null;

-- What the published warehouse tells of restatements and the state does not know yet.
insert into restatements
select published_at, table_name, row_key, metric_name, previous_value, new_value, cause
from published.quality.restatements as told
anti join restatements as known on told.published_at = known.published_at;

-- Readers may still hold one of the last publications; older ones keep no claim on files.
delete from publication_files
where run_id not in (select run_id from publications order by published_at desc limit $kept);

delete from publication_definitions
where run_id not in (select run_id from publications order by published_at desc limit $kept);
