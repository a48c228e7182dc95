select
    path,
    sha256,
    source_name,
    format,
    records_count,
    accepted_count,
    duplicate_count,
    rejected_count,
    events_count,
    links_count,
    excluded_count,
    forgotten_count,
    first_event_at,
    last_event_at,
    ingested_at
from {{ source('state', 'files') }}
