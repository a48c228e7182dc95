{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='event_date',
    )
}}

{#- The one pass over the lake for everything that counts: who did what when. Per day, name and
    segment values one row, and in it the events as a list of numbers and instants. So a text is
    written once for all events that share it, and what comes after works on numbers. -#}
{%- set segment_names = segment_columns() -%}

with events as (

    select
        event_date,
        event_name,
        {{ comma_columns(segment_names) }}
        source_session_id,
        {{ session_timeout_of('platform') if session_timeouts() else session_timeout_seconds() }}
            as timeout_seconds,
        user_id,
        event_at
    from {{ ref('int_events_segmented') }}
    where {{ events_since(restate_from()) }}

),

numbered as (

    select
        events.* exclude (user_id, event_at),
        struct_pack(person_key := persons.person_key, event_at := events.event_at) as event
    from events
    left join {{ ref('int_persons') }} as persons on events.user_id = persons.user_id

)

select
    event_date,
    event_name,
    {{ comma_columns(segment_names) }}
    source_session_id,
    cast(timeout_seconds as bigint) as timeout_seconds,
    list(event) as events
from numbered
group by all
