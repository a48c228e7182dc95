-- One digest per UTC day: of its events, whichever files hold them.
select utc_date, bit_xor(digest)
from lake_files
where kind = 'events' and unlisted_at is null
group by utc_date
