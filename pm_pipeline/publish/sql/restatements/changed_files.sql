-- From which instant on files tell of other events than when they were first read: because their
-- content changed, or the rules that they are read by.
select
    before.source_name,
    before.sha256 != after.sha256 as is_other_content,
    min(least(before.first_event_at, after.first_event_at)) as changed_from
from previous.quality.ingested_files as before
inner join quality.ingested_files as after on before.path = after.path
where before.sha256 != after.sha256 or before.ingested_at != after.ingested_at
group by all
having changed_from is not null
