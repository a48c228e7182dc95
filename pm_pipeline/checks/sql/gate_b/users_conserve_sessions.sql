-- Every session belongs to one user.
select
    abs(users.sessions_count - sessions.rows_count) as value,
    users.sessions_count || ' sessions of users' as observed,
    sessions.rows_count || ' rows of core.sessions' as expected
from (select coalesce(sum(sessions_count), 0) as sessions_count from core.users) as users
cross join (select count(*) as rows_count from core.sessions) as sessions
