-- Everybody, by persona.
select
    persona,
    count(*) as people,
    count(*) filter (where is_identified) as signed_in,
    avg(active_days_last_28) as active_days_of_28
from core.users
group by persona
order by people desc, persona
