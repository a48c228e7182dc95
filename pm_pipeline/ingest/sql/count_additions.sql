create or replace table addition_counts as
select
    file_id,
    kind,
    state,
    utc_date,
    count(*) as rows_count,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at,
from additions
group by all;

-- Lake files whose content goes over into a new file: some row leaves them, or the day has
-- gathered too many.
create or replace table absorbed as
with leaving as (
    select location from removed_rows
    union
    select location from moves
),

touched as (
    select distinct kind, utc_date from addition_counts
    union
    select distinct files.kind, files.utc_date
    from lake_index as files
    semi join leaving on files.location = leaving.location
),

crowded as (
    select
        files.kind,
        files.utc_date,
    from lake_index as files
    semi join touched on files.kind = touched.kind and files.utc_date = touched.utc_date
    group by all
    having count(*) >= {{ most_files_a_day }}
)

select
    files.lake_path,
    files.location,
    files.kind,
    files.utc_date,
    files.rows_count,
from lake_index as files
where files.location in (select leaving.location from leaving)
    or (files.kind, files.utc_date) in (select (crowded.kind, crowded.utc_date) from crowded);
