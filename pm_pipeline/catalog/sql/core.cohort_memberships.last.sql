-- Who is in each cohort now, and who ever was.
select
    cohort_name as cohort,
    count(*) filter (where left_at is null) as people_now,
    count(distinct user_id) as people_ever
from core.cohort_memberships
group by cohort_name
order by cohort_name
