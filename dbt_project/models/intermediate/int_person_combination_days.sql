{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- Events summed once more, over their names: what is left apart are the segment values. -#}
select
    event_days.person_key,
    event_days.activity_date,
    kinds.combination_key,
    bool_or(kinds.is_active) as is_active,
    cast(sum(event_days.events_count) as bigint) as events_count,
    min(event_days.first_event_at) as first_event_at,
    max(event_days.last_event_at) as last_event_at
from {{ ref('int_person_event_days') }} as event_days
inner join {{ ref('int_event_kinds') }} as kinds on event_days.kind_key = kinds.kind_key
where event_days.activity_date >= {{ restate_from() }}
group by event_days.person_key, event_days.activity_date, kinds.combination_key
