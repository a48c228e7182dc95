-- The most frequent events of one span of days, beside the span of equal length before it.
-- Occurrences add up over days; people do not, so theirs is the mean of the daily counts.
with usage as (
    select
        event_name,
        cast(
            coalesce(sum(events_count) filter (where activity_date >= $first_date), 0) as bigint
        ) as events_count,
        cast(
            coalesce(sum(events_count) filter (where activity_date < $first_date), 0) as bigint
        ) as events_count_before,
        coalesce(sum(users_count) filter (where activity_date >= $first_date), 0)
        / $days as users_per_day
    from engagement.event_usage
    where
        segment_name = 'all'
        and activity_date >= $first_date - $days
        and activity_date < $first_date + $days
    group by event_name
)

select
    event_name,
    events_count,
    events_count_before,
    users_per_day,
    count(*) over () as names_count
from usage
order by events_count desc, events_count_before desc, event_name asc
limit $shown;
