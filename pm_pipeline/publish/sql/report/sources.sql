-- What became of the records, by source.
select
    source_name,
    count(*) as files_count,
    cast(sum(records_count) as bigint) as records_count,
    cast(sum(accepted_count) as bigint) as accepted_count,
    cast(sum(duplicate_count) as bigint) as duplicate_count,
    cast(sum(rejected_count) as bigint) as rejected_count,
    cast(sum(excluded_count) as bigint) as excluded_count,
    min(first_event_at) as first_event_at,
    max(last_event_at) as last_event_at,
    max(ingested_at) as ingested_at
from quality.ingested_files
group by source_name
order by source_name;
