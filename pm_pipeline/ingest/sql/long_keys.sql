select
    copy_number,
    dedup_key,
    seen_at,
from copies
where is_long
order by dedup_key, place
