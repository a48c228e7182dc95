-- A person's instants in order, split where more than 30 minutes lie between two.
select
    toDate(visit[1]) as session_date,
    count() as sessions_count,
    sum(length(visit)) as events_count,
    round(sum(toUnixTimestamp64Micro(visit[-1]) - toUnixTimestamp64Micro(visit[1])) / 1e6, 3)
        as seconds
from (
    select arrayJoin(arraySplit(
        (instant, gap) -> gap > 1800000000,
        instants,
        arrayDifference(arrayMap(instant -> toUnixTimestamp64Micro(instant), instants))
    )) as visit
    from (select user_key, arraySort(groupArray(event_at)) as instants from events group by user_key)
)
group by session_date
