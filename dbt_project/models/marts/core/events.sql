{{ config(materialized='view') }}

{#- The published file has another name than the database it is built in: no relation of this view
    may carry the database's. -#}
{%- set identities = ref('identities').include(database=false) -%}
{%- set sessions = ref('sessions').include(database=false) -%}

-- depends_on: {{ ref('stg_events') }}
with lake_events as (

    {{ lake_events() }}

),

identified as (

    {{ with_person('lake_events', identities) }}

),

with_session as (

    {{ with_session('identified', sessions) }}

),

final as (

    select
        event_id,
        source_event_id,
        source_name,
        user_id,
        source_user_id,
        device_id,
        session_id,
        source_session_id,
        event_name,
        event_at,
        event_date,
        received_at,
        time_source,
        platform,
        country,
        app_version,
        properties,
        source_file
    from with_session

)

select * from final
