-- By the SQL that each answers, the columns that valid files hold beside `properties`, quoted. Names
-- that differ in case alone are one name to the engine: the first of them is the column.
with entries as (
    select unnest(map_entries(property_columns)) as entry
    from lake_files
    where kind = 'events' and unlisted_at is null
)

select entry.key, '"' || replace(entry.value, '"', '""') || '"'
from entries
group by entry.key, entry.value
qualify row_number() over (partition by lower(entry.value) order by entry.value) = 1
order by entry.key
