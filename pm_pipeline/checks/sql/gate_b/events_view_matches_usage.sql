-- The view of events joins persons and sessions to the lake: over the last 7 product days it shows as
-- many events before as-of as event usage counts. The first of these days is said without a query, so
-- that the engine knows it before it reads: only the tail, and the cost does not grow with history.
-- Parameters: as_of (UTC), timezone of the product.
with shown as (

    select count(*) as events_count
    from core.events
    where
        event_date >= cast(
            timezone($timezone, timezone('UTC', $as_of - interval 1 microsecond)) as date
        ) - 6
        and event_at < $as_of

),

counted as (

    select coalesce(sum(events_count), 0) as events_count
    from engagement.event_usage
    where
        segment_name = 'all'
        and segment_value = 'all'
        and activity_date >= cast(
            timezone($timezone, timezone('UTC', $as_of - interval 1 microsecond)) as date
        ) - 6

)

select
    abs(shown.events_count - counted.events_count) as value,
    shown.events_count || ' events in the last 7 days' as observed,
    counted.events_count || ' events by event usage' as expected
from shown
cross join counted
