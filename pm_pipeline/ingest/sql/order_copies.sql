-- Every copy of a key in the order that decides: by what the records say, never by arrival.
create or replace table copies as
with named as (
    select
        members.*,
        coalesce(batch.sha256, known.sha256) as sha256,
        coalesce(batch.path, known.path) as path,
    from members
    left join batch_files as batch on members.file_id = batch.file_id
    left join known_files as known on members.file_id = known.file_id
)

select
    file_id,
    file_number,
    location,
    record_number,
    dedup_key,
    seen_at,
    state,
    row_number() over () as copy_number,
    row_number() over (
        partition by dedup_key order by seen_at, content_hash, sha256, record_number, path
    ) as place,
    max(seen_at) over (partition by dedup_key)
    > min(seen_at) over (partition by dedup_key) + interval {{ window_days }} days as is_long,
from named;
