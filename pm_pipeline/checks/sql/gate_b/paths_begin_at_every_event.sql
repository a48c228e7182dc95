-- Every event that a path leaves from or leads to has a path, and every session has one in a path
-- of sessions. A path with a condition, or of any event, is not counted anywhere else.
with begun as (

    select path_name, sum(transitions_count) as paths_count
    from engagement.path_edges
    where step_index = 1
    group by path_name

),

chosen as (

    select paths.path_name, coalesce(sum(event_usage.events_count), 0) as expected_count
    from definitions.paths as paths
    left join engagement.event_usage as event_usage
        on paths.event_name = event_usage.event_name and event_usage.segment_name = 'all'
    where paths.event_name is not null and paths.condition is null
    group by paths.path_name

    union all

    select paths.path_name, (select count(*) from core.sessions)
    from definitions.paths as paths
    where paths.direction = 'session'

)

select
    count(*) as value,
    count(*) || ' paths differ' || coalesce(', first ' || min(path_name), '') as observed,
    'one path for each of its events' as expected
from chosen
left join begun using (path_name)
where chosen.expected_count <> coalesce(begun.paths_count, 0)
