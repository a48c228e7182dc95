{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- The one base of the counting families, in numbers: int_user_event_days shows it in words. -#}
select
    person_key,
    event_date as activity_date,
    kind_key,
    count(*) as events_count,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at
from {{ ref('int_events_coded') }}
where event_date >= {{ restate_from() }}
group by person_key, event_date, kind_key
