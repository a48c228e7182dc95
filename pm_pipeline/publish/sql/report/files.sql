-- The files read last, and those with refused records before all others.
select
    path,
    format,
    records_count,
    accepted_count,
    duplicate_count,
    rejected_count,
    ingested_at
from quality.ingested_files
order by rejected_count > 0 desc, ingested_at desc, path asc
limit $shown;
