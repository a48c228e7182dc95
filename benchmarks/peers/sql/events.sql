-- What the other engines are given: every event once, its person a number, its break-downs columns.
-- Duplicates, late records and persons have been dealt with.
with persons as (

    select user_id, row_number() over (order by user_id) as user_key
    from core.users

)

select
    cast(persons.user_key as uinteger) as user_key,
    events.event_name,
    events.event_at,
    events.event_date,
    coalesce(events.platform, '(none)') as platform,
    coalesce(json_extract_string(events.properties, '$.plan'), '(none)') as plan
from core.events as events
inner join persons on events.user_id = persons.user_id
where events.event_at < (select max(as_of) from quality.publications)
order by events.event_at
