-- A step is gone by somebody, by no more people than have a path, and by each at least once.
select
    count(*) as value,
    count(*) || ' rows' || coalesce(', first on ' || min(period_start), '') as observed,
    'at least one user, no more than transitions or users with a path' as expected
from engagement.path_edges
where (users_count between 1 and least(transitions_count, path_users)) is not true
