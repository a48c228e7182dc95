-- Who is in a stage at as-of; of people who never signed in only their device is known.
select stages.user_id
from lifecycle.user_stages as stages
inner join core.users as users on stages.user_id = users.user_id
where stages.stage = $name and (users.is_identified or $with_devices)
order by stages.user_id;
