-- The publication that is to be replaced.
select run_id, as_of
from previous.quality.publications
order by published_at desc
limit 1
