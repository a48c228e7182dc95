-- The matrix counts each event as often as event usage, whatever the week.
with differences as (

    select event_name
    from (
        select event_name, sum(events_count) as events_count
        from engagement.event_matrix
        group by event_name
    ) as matrix
    full join (
        select event_name, sum(events_count) as events_count
        from engagement.event_usage
        where segment_name = 'all'
        group by event_name
    ) as usage using (event_name)
    where matrix.events_count is distinct from usage.events_count

)

select
    count(*) as value,
    count(*) || ' events counted otherwise' || coalesce(', first ' || min(event_name), '')
        as observed,
    'as often as in event usage' as expected
from differences
