{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- The one base of the counting families: events are read once and summed per person, product day,
    event name and segment values. -#}
{%- set segment_names = segment_columns() -%}

with events as (

    select
        user_id,
        event_date,
        event_name,
        event_at,
        {{ comma_columns(segment_names) }}
        {{ is_active_event('event_name') }} as is_active
    from {{ ref('int_events_segmented') }}
    where {{ events_since(restate_from()) }}

),

final as (

    select
        user_id,
        event_date as activity_date,
        event_name,
        {{ comma_columns(segment_names) }}
        is_active,
        count(*) as events_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    group by all

)

select * from final
