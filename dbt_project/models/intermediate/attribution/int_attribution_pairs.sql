{{ config(materialized='view') }}

{#- Every conversion that this run restates with every touch before it: from look_back before the
    conversion up to its instant, both included. Touches of one instant are in order of their id. -#}

with settings as (

    {{ attribution_settings() }}

),

conversions as (

    select
        events.attribution_name,
        events.user_id,
        events.event_id as conversion_id,
        events.event_at as converted_at,
        events.event_date as conversion_date,
        events.conversion_value
    from {{ ref('int_attribution_events') }} as events
    inner join settings on events.attribution_name = settings.attribution_name
    where events.is_conversion and events.event_date >= settings.restate_from

),

touches as (

    select
        events.attribution_name,
        events.user_id,
        events.event_id as touch_id,
        events.event_at as touched_at,
        events.channel,
        events.is_direct,
        settings.look_back
    from {{ ref('int_attribution_events') }} as events
    inner join settings on events.attribution_name = settings.attribution_name
    where
        events.channel is not null
        and events.event_date >= settings.restate_from - settings.look_back_days

),

final as (

    -- A conversion without a touch has one row, of no channel.
    select
        conversions.attribution_name,
        conversions.conversion_id,
        conversions.conversion_date,
        conversions.conversion_value,
        touches.channel,
        touches.is_direct,
        touches.touched_at,
        count(touches.touch_id) over (
            partition by conversions.attribution_name, conversions.conversion_id
        ) as touches_count,
        row_number() over (
            partition by conversions.attribution_name, conversions.conversion_id
            order by touches.touched_at, touches.touch_id
        ) as touch_index
    from conversions
    left join touches
        on conversions.attribution_name = touches.attribution_name
        and conversions.user_id = touches.user_id
        and conversions.converted_at >= touches.touched_at
        and conversions.converted_at - touches.look_back <= touches.touched_at

)

select * from final
