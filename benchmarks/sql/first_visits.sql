-- When each device is first seen: that visit is signed in, so that anonymous events lie on known
-- devices and no later sign-in back-fills them.
create or replace table first_visits as
select visit_device(visit) as device, min(visit_started(visit)) as started_at
from range(0, cast($visits as bigint)) as visits (visit)
group by device
