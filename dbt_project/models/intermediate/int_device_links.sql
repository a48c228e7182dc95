{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='device_id',
    )
}}

{# State, one row per sign-in that changed a device's user: only devices touched since the last
   publication are worked out again. A device without links keeps one row without user, so that a
   link that went away is replaced too. -#}

with touched as (

    select distinct device_id
    from {{ ref('int_device_days') }}
    where event_date >= {{ lake_restate_from() }}

    {% if is_incremental() %}
    union

    select distinct device_id
    from {{ this }}
    where {{ product_date('last_at') }} >= {{ lake_restate_from() }}
    {% endif %}

),

device_days as (

    select days.*
    from {{ ref('int_device_days') }} as days
    semi join touched on days.device_id = touched.device_id

),

last_seen as (

    select touched.device_id, coalesce(max(device_days.last_at), timestamp '0001-01-01') as last_at
    from touched
    left join device_days on touched.device_id = device_days.device_id
    group by touched.device_id

),

sign_ins as (

    select
        device_id,
        source_user_id,
        first_at,
        first_event_id,
        lag(source_user_id) over (
            partition by device_id order by first_at, first_event_id
        ) as previous_user_id
    from device_days
    where source_user_id is not null

),

links as (

    select
        device_id,
        source_user_id as user_id,
        first_at as linked_at,
        first_event_id as link_event_id
    from sign_ins
    where previous_user_id is null or source_user_id != previous_user_id

),

final as (

    select
        last_seen.device_id,
        last_seen.last_at,
        links.user_id,
        links.linked_at,
        links.link_event_id
    from last_seen
    left join links on last_seen.device_id = links.device_id

)

select * from final
