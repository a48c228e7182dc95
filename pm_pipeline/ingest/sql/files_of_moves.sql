select
    files.lake_path,
    files.location,
    files.kind,
from lake_index as files
where files.location in (select moves.location from moves)
order by files.lake_path
