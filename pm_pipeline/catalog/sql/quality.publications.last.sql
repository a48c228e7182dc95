-- The newest three before this run.
select published_at, as_of, events_count as events, package_version
from quality.publications
order by published_at desc
limit 3
