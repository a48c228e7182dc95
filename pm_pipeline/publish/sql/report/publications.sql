-- The last publications, newest first.
select published_at, run_id, as_of, events_count, last_event_at, package_version
from quality.publications
order by published_at desc
limit $shown;
