-- The publications before this one: publish adds the run's own row.
select
    published_at,
    run_id,
    as_of,
    events_count,
    first_event_at,
    last_event_at,
    definitions_sha256,
    package_version
from {{ source('state', 'publications') }}
