create or replace table touched_keys as
select key_hash
from incoming_keys
where copies > 1
union
select key_hash
from existing_matches;

insert into members
select
    files.file_id,
    staged.file_number,
    null as location,
    staged.record_number,
    staged.dedup_key,
    coalesce(staged.received_at, staged.event_at) as seen_at,
    staged.content_hash,
    null as state,
from staged
inner join batch_files as files on staged.file_number = files.file_number
where staged.reason is null
    and hash(staged.dedup_key) in (select touched.key_hash from touched_keys as touched);
