-- Members are users, from their first event at the earliest; nobody enters or leaves at as-of or
-- later, for nothing of that time is known.
select
    count(*) as value,
    count(*) || ' memberships of ' || count(distinct memberships.cohort_name) || ' cohorts'
        as observed,
    'members are users since they were first seen, as far as as-of' as expected
from core.cohort_memberships as memberships
left join core.users as users on memberships.user_id = users.user_id
where
    users.user_id is null
    or (memberships.entered_at >= users.first_seen_at) is not true
    or memberships.entered_at >= $as_of
    or memberships.left_at >= $as_of
