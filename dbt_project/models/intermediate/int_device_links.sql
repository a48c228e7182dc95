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
    where device_id is not null and event_date >= {{ lake_restate_from() }}

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

devices as (

    select
        device_id,
        max(last_at) as last_at,
        min(source_user_id) as first_user_id,
        max(source_user_id) as last_user_id,
        min(first_at) filter (where source_user_id is not null) as linked_at
    from device_days
    group by device_id

),

sign_ins as (

    -- Only where a device had several people does the order of their days matter.
    select
        device_days.device_id,
        device_days.source_user_id,
        device_days.first_at,
        device_days.first_event_id,
        lag(device_days.source_user_id) over (
            partition by device_days.device_id
            order by device_days.first_at, device_days.first_event_id
        ) as previous_user_id
    from device_days
    inner join devices on device_days.device_id = devices.device_id
    where
        device_days.source_user_id is not null
        and devices.first_user_id != devices.last_user_id

),

links as (

    select
        device_id,
        first_user_id as user_id,
        linked_at,
        cast(null as varchar) as link_event_id
    from devices
    where first_user_id = last_user_id

    union all

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
        touched.device_id,
        coalesce(devices.last_at, timestamp '0001-01-01') as last_at,
        links.user_id,
        links.linked_at,
        links.link_event_id
    from touched
    left join devices on touched.device_id = devices.device_id
    left join links on touched.device_id = links.device_id

)

select * from final
