-- One transaction: the point at which a batch becomes true.
delete from state.rejected_records
where file_id in (select removed.file_id from removed_files as removed)
    or file_id in (select files.file_id from batch_files as files);

insert into state.rejected_records
select
    files.file_id,
    files.path,
    staged.record_number as line_number,
    staged.reason,
    staged.field,
    staged.record,
    staged.record_encoding,
from staged
inner join batch_files as files on staged.file_number = files.file_number
where staged.reason is not null;

delete from state.files where file_id in (select removed.file_id from removed_files as removed);

insert into state.files by name
select
    batch_ledger.*,
from batch_ledger
where file_id not in (select known.file_id from state.files as known);

update state.files as ledger set
    modified_ns = fresh.modified_ns,
    rejected_count = fresh.rejected_count,
    ingested_at = fresh.ingested_at,
    judge_again_at = fresh.judge_again_at
from batch_ledger as fresh
where ledger.file_id = fresh.file_id;

-- Rows gained and rows that left a state, of the batch's files and of all others.
update state.files as ledger set
    events_count = ledger.events_count + change.events,
    excluded_count = ledger.excluded_count + change.excluded,
    accepted_count = ledger.accepted_count + change.events + change.excluded,
    duplicate_count = ledger.duplicate_count + change.duplicates,
    first_event_at = least(ledger.first_event_at, change.first_event_at),
    last_event_at = greatest(ledger.last_event_at, change.last_event_at)
from count_changes as change
where ledger.file_id = change.file_id;

update state.lake_files set unlisted_at = {{ now | lit }}
where lake_path in (select absorbed.lake_path from absorbed);

insert into state.lake_files by name
select
    *,
    cast(null as timestamp) as unlisted_at,
from new_lake_files;

update state.ledger_version set ledger_version = ledger_version + 1;
