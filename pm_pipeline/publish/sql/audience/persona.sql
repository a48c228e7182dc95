-- Who has a persona at as-of; of people who never signed in only their device is known.
select user_id
from core.users
where persona = $name and (is_identified or $with_devices)
order by user_id;
