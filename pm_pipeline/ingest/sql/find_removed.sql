{% from 'lake_rows.sql' import rows_of %}
insert into removed_rows
select distinct
    lake.filename as location,
    hash(lake.dedup_key) as key_hash,
    cast(coalesce(lake.received_at, lake.event_at) as date) as seen_date,
from {{ rows_of(['file_id', 'dedup_key', 'received_at', 'event_at'], files) }} as lake
where lake.file_id in (select removed.file_id from removed_files as removed);
