-- Every session is in the total of the date that it started on, once.
select
    abs(active_users.sessions_count - sessions.rows_count) as value,
    active_users.sessions_count || ' sessions over all dates' as observed,
    sessions.rows_count || ' rows of core.sessions' as expected
from (
    select coalesce(sum(sessions_count), 0) as sessions_count
    from engagement.active_users
    where segment_name = 'all' and segment_value = 'all'
) as active_users
cross join (select count(*) as rows_count from core.sessions) as sessions
