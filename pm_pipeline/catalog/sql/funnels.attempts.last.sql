-- The best attempt of everybody, by what became of it.
select funnel_name as funnel, status, count(*) as people
from funnels.attempts
where is_best_attempt
group by funnel_name, status
order by funnel_name, people desc, status
