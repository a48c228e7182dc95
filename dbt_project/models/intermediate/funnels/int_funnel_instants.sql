{{ config(materialized='view') }}

{#- One row per counting unit and instant. Nearly every event has its instant for itself, and is one
    as it is. -#}
select
    {{ funnel_unit('events') }},
    events.event_at,
    events.event_date,
    events.steps_mask,
    events.exclusions_mask,
    cast(null as bigint[]) as reaches,
    events.kind_key
from {{ ref('int_funnel_events') }} as events
anti join {{ ref('int_funnel_crowded_instants') }} as crowded
    on {{ same_funnel_unit('events', 'crowded') }}
    and events.event_at = crowded.event_at

union all

select
    {{ funnel_unit() }},
    event_at,
    event_date,
    steps_mask,
    exclusions_mask,
    reaches,
    cast(null as integer) as kind_key
from {{ ref('int_funnel_crowded_instants') }}
