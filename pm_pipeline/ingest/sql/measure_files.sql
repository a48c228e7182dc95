{# `files`: rows of (location now, lake_path to be, kind, day). The digest names rows by the file
   and record they come from, which decide all of their columns. #}
insert into new_lake_files
with places (location, lake_path, kind, utc_date) as (
    values
    {% for file in files %}
    ({{ file.location | lit }}, {{ file.lake_path | lit }}, {{ file.kind | lit }}, date {{ file.utc_date | lit }}){{ "," if not loop.last }}
    {% endfor %}
),

measures as (
    select
        filename,
        count(*) as rows_count,
        bit_xor(hash(file_id, record_number)) as digest,
        min(coalesce(received_at, event_at)) as first_seen_at,
        max(coalesce(received_at, event_at)) as last_seen_at,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
    from read_parquet(
        [{{ files | map(attribute='location') | lits }}], filename = true, hive_partitioning = false
    )
    group by filename
)

select
    places.lake_path,
    places.kind,
    places.utc_date,
    measures.rows_count,
    measures.digest,
    measures.first_seen_at,
    measures.last_seen_at,
    measures.first_event_at,
    measures.last_event_at,
    map(
        [{{ property_columns.values() | lits }}], [{{ property_columns.keys() | lits }}]
    ) as property_columns,
from places
inner join measures on places.location = measures.filename;
