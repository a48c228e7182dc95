-- Of a device's intervals none starts before the one before it ends, and none ends before it starts;
-- so at most one is open.
with intervals as (

    select
        device_id,
        valid_from,
        coalesce(valid_to, timestamp 'infinity') as valid_to
    from core.identities

),

ordered as (

    select
        device_id,
        valid_from,
        valid_to,
        lag(valid_to) over (
            partition by device_id order by valid_from, valid_to
        ) as previous_valid_to
    from intervals

)

select
    count(*) as value,
    count(*) || ' intervals of ' || count(distinct device_id) || ' devices overlap' as observed,
    'one person per device at a time' as expected
from ordered
where valid_from is null or valid_to < valid_from or valid_from < previous_valid_to
