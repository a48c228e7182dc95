-- Everybody at as-of.
select stage, count(*) as people, avg(days_since_last_active) as days_away
from lifecycle.user_stages
group by stage
order by people desc, stage
