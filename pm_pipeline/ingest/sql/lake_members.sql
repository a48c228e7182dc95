{% from 'lake_rows.sql' import rows_of %}
{% set columns = ['file_id', 'record_number', 'dedup_key', 'received_at', 'event_at', 'content_hash'] %}
insert into members
select
    lake.file_id,
    null as file_number,
    lake.filename as location,
    lake.record_number,
    lake.dedup_key,
    coalesce(lake.received_at, lake.event_at) as seen_at,
    lake.content_hash,
    lake.state,
from {{ rows_of(columns, files) }} as lake
where lake.file_id not in (select removed.file_id from removed_files as removed)
    and hash(lake.dedup_key) in (select touched.key_hash from touched_keys as touched);

-- Copies near these may decide over them in turn.
create or replace table wanted_days as
select distinct cast(seen_at as date) as seen_date
from members;
