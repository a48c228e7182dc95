select distinct
    files.lake_path,
    files.location,
    files.kind,
from lake_index as files
inner join known_files as known
    on files.utc_date
    between cast(known.first_event_at as date) and cast(known.last_event_at as date)
semi join removed_files as removed on known.file_id = removed.file_id
order by files.lake_path
