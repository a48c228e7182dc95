-- By the SQL that each answers, the columns that valid files hold beside `properties`.
with entries as (
    select unnest(map_entries(property_columns)) as entry
    from lake_files
    where kind = 'events' and unlisted_at is null
)

select distinct entry.key, '"' || replace(entry.value, '"', '""') || '"'
from entries
order by all
