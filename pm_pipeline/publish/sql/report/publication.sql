-- What this page shows: the newest publication of the file.
select
    published_at,
    run_id,
    as_of,
    events_count,
    first_event_at,
    last_event_at,
    definitions_sha256,
    package_version
from quality.publications
order by published_at desc
limit 1;
