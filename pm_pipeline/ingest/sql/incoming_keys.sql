create or replace table incoming_keys as
select
    hash(dedup_key) as key_hash,
    count(*) as copies,
from staged
where reason is null
group by all;

insert into wanted_days
select distinct cast(coalesce(received_at, event_at) as date) as seen_date
from staged
where reason is null
union
select distinct seen_date
from removed_rows;
