-- Memberships are half-open intervals: each has a length, and between two of a user in one cohort
-- there is a time outside.
with neighbours as (

    select
        user_id,
        entered_at,
        left_at,
        lead(entered_at) over (
            partition by cohort_name, user_id order by entered_at, left_at
        ) as next_at
    from core.cohort_memberships

)

select
    count(*) as value,
    count(*) || ' intervals of ' || count(distinct user_id) || ' users' as observed,
    'entered before left, and left before entering again' as expected
from neighbours
where
    left_at <= entered_at
    or (next_at is not null and (left_at < next_at) is not true)
