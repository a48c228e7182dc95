-- How long ago the last counted event is, in days, by the clock of the run.
-- Parameter: now (UTC).
select
    coalesce(greatest(epoch($now - max(last_seen_at)) / 86400, 0), 0) as value,
    coalesce(
        'last event ' || strftime(max(last_seen_at), '%Y-%m-%d %H:%M') || ' UTC', 'no events'
    ) as observed,
    'a recent event' as expected
from core.users
