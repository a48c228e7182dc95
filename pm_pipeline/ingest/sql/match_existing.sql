{% from 'lake_rows.sql' import rows_of %}
-- Phase one of two: short hashes alone, so that rows without a copy are only streamed.
insert into existing_matches
select distinct hash(lake.dedup_key) as key_hash
from {{ rows_of(['file_id', 'dedup_key'], files) }} as lake
where lake.file_id not in (select removed.file_id from removed_files as removed)
    and hash(lake.dedup_key) in (
        select incoming.key_hash from incoming_keys as incoming
        union all
        select removed.key_hash from removed_rows as removed
    );
