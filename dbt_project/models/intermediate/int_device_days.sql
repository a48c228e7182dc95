{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='event_date',
        restate='lake',
    )
}}

{#- The one pass over the lake for who was there: events without a device are a row of their user's,
    so that int_persons need not look for them again. -#}
with users_of_day as (

    select
        device_id,
        event_date,
        source_user_id,
        min(event_at) as first_at,
        max(event_at) as last_at
    from {{ ref('stg_events') }}
    where {{ events_since(lake_restate_from()) }}
    group by device_id, event_date, source_user_id

),

shared_days as (

    -- Only where several people used a device on one day does the order inside the day matter.
    select device_id, event_date
    from users_of_day
    where device_id is not null and source_user_id is not null
    group by device_id, event_date
    having count(*) > 1

),

shared_events as (

    -- Ids are half of the lake: they are read for these days alone.
    select
        events.device_id,
        events.event_date,
        events.source_user_id,
        events.event_at,
        events.event_id,
        lag(events.source_user_id) over device_day as previous_user_id,
        lag(events.event_id) over device_day is null as is_first
    from {{ ref('stg_events') }} as events
    inner join shared_days
        on events.device_id = shared_days.device_id
        and events.event_date = shared_days.event_date
    where
        events.source_user_id is not null
        and {{ events_since(lake_restate_from(), 'events') }}
    window device_day as (
        partition by events.device_id, events.event_date
        order by events.event_at, events.event_id
    )

),

turns as (

    -- One row each time another person takes the device.
    select
        device_id,
        event_date,
        source_user_id,
        event_at as first_at,
        event_at as last_at,
        event_id as first_event_id
    from shared_events
    where is_first or source_user_id != previous_user_id

),

final as (

    select
        users_of_day.device_id,
        users_of_day.event_date,
        users_of_day.source_user_id,
        users_of_day.first_at,
        users_of_day.last_at,
        cast(null as varchar) as first_event_id
    from users_of_day
    left join shared_days
        on users_of_day.device_id = shared_days.device_id
        and users_of_day.event_date = shared_days.event_date
    where shared_days.device_id is null or users_of_day.source_user_id is null

    union all

    select device_id, event_date, source_user_id, first_at, last_at, first_event_id
    from turns

)

select * from final
