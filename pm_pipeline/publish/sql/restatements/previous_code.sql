-- What the previous publication was made with; the newest on record stands in for one that was
-- killed before it was recorded.
select run_id, code_sha256, package_version
from state.publications
order by run_id = $run_id desc, published_at desc
limit 1
