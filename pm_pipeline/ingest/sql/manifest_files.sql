select
    lake_path,
    kind,
    cast(utc_date as varchar) as utc_date,
    rows_count,
    -- As text: readers of JSON may not keep 64 bits.
    cast(digest as varchar) as digest,
from lake_files
where unlisted_at is null
order by lake_path
