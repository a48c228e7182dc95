-- Every event before as-of is in the total of its date, once.
-- Parameter: lake_events_count, the lake's events before as-of.
select
    abs(coalesce(sum(events_count), 0) - $lake_events_count) as value,
    coalesce(sum(events_count), 0) || ' events' as observed,
    $lake_events_count || ' events in the lake' as expected
from engagement.active_users
where segment_name = 'all' and segment_value = 'all'
