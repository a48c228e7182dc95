-- Records by source.
select
    source_name as source, count(*) as files, sum(records_count) as records,
    sum(accepted_count) as accepted, sum(duplicate_count) as duplicate,
    sum(rejected_count) as rejected, max(last_event_at) as newest_event
from quality.ingested_files
group by source_name
order by records desc, source_name
