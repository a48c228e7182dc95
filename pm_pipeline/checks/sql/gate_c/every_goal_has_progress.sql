-- One row a goal, with one of the five statuses.
with progress as (

    select
        goal_name,
        count(*) as rows_count,
        count(*) filter (
            where status in ('not_started', 'met', 'missed', 'on_track', 'at_risk')
        ) as known_count
    from goals.progress
    group by goal_name

),

differences as (

    select coalesce(goals.goal_name, progress.goal_name) as goal_name
    from definitions.goals as goals
    full join progress on goals.goal_name = progress.goal_name
    where
        goals.goal_name is null
        or coalesce(progress.rows_count, 0) != 1
        or coalesce(progress.known_count, 0) != 1

)

select
    count(*) as value,
    count(*) || ' goals without one progress' as observed,
    'one status for each goal of product.yml' as expected
from differences
