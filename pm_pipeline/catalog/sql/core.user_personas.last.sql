-- Who is which persona now.
select persona, count(*) as people
from core.users
group by persona
order by people desc, persona
