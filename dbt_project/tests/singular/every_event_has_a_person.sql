{{ config(meta={'dagster': {'ref': {'name': 'int_person_event_days'}}}) }}
-- Every event that counts belongs to a person: without one it would be left out of sessions and
-- counted everywhere else. Only days that this run wrote are read.
select activity_date, kind_key, sum(events_count) as events_count
from {{ ref('int_person_event_days') }}
where
    person_key is null
    and activity_date >= (select restate_from from {{ ref('int_run_window') }})
group by activity_date, kind_key
