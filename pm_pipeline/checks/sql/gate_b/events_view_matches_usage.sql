-- The view of events joins persons to the lake: over the last 7 product days it shows as many events
-- before as-of as event usage counts. Only the tail is read, so the cost does not grow with history.
-- Parameters: as_of (UTC), timezone of the product.
with bounds as (

    select
        timezone('UTC', timezone($timezone, cast(first_date as timestamp))) as first_instant,
        first_date
    from (
        select
            cast(
                timezone($timezone, timezone('UTC', $as_of - interval 1 microsecond)) as date
            ) - 6 as first_date
    )

),

shown as (

    select count(*) as events_count
    from core.events
    where event_at >= (select first_instant from bounds) and event_at < $as_of

),

counted as (

    select coalesce(sum(events_count), 0) as events_count
    from engagement.event_usage
    where
        segment_name = 'all'
        and segment_value = 'all'
        and activity_date >= (select first_date from bounds)

)

select
    abs(shown.events_count - counted.events_count) as value,
    shown.events_count || ' events in the last 7 days' as observed,
    counted.events_count || ' events by event usage' as expected
from shown
cross join counted
