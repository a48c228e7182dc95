-- Devices by how their people are known.
select method, count(distinct device_id) as devices, count(*) filter (where is_quarantined) as put_aside
from core.identities
group by method
order by devices desc, method
