-- Every event before as-of is in the usage of its event name, once.
-- Parameter: lake_events_count, the lake's events before as-of.
select
    abs(coalesce(sum(events_count), 0) - $lake_events_count) as value,
    coalesce(sum(events_count), 0) || ' events' as observed,
    $lake_events_count || ' events in the lake' as expected
from engagement.event_usage
where segment_name = 'all' and segment_value = 'all'
