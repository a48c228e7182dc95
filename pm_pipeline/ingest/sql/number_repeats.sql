-- Identical records of one file without an id are told apart by their ordinal in the file.
create or replace temp table repeated as
select
    file_number,
    hash(content_hash) as short_hash,
from staged
where reason is null and source_event_id is null
group by all
having count(*) > 1;

create or replace temp table ordinals as
select
    staged.file_number,
    staged.record_number,
    staged.content_hash,
    row_number() over (
        partition by staged.file_number, staged.content_hash order by staged.record_number
    ) as ordinal,
from staged
semi join repeated
    on staged.file_number = repeated.file_number
    and hash(staged.content_hash) = repeated.short_hash
where staged.reason is null and staged.source_event_id is null;

update staged set
    dedup_key = md5(prefixes.content_prefix || ordinals.ordinal || ':' || ordinals.content_hash)
from ordinals
inner join content_prefixes as prefixes on ordinals.file_number = prefixes.file_number
where staged.file_number = ordinals.file_number
    and staged.record_number = ordinals.record_number
    and ordinals.ordinal > 1;
