-- Copies of what the state database says at the start of a batch.
create or replace table known_files as
select *
from state.files;

create or replace table lake_index as
select
    files.* exclude (unlisted_at),
    {{ lake_folder | lit }} || '/' || files.lake_path as location,
    false as is_scanned,
from state.lake_files as files
where files.unlisted_at is null;

-- Records that were rejected as in_future when last judged.
create or replace table pending_records as
select
    rejected.file_id,
    rejected.line_number as record_number,
from state.rejected_records as rejected
where rejected.reason = 'in_future'
    and rejected.file_id in (
        select files.file_id from state.files as files where files.judge_again_at is not null
    );
