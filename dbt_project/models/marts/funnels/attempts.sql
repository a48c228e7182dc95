{#- The best attempt of each counting unit and entry day, whether its window is over or not. -#}
with attempts as (

    select
        *,
        row_number() over (
            partition by {{ funnel_unit() }}, entry_date order by {{ best_attempt_first() }}
        ) as place_of_day,
        min(first_touch_at) over of_day as day_first_touch_at,
        bool_or(is_live and not is_mature) over of_day as is_open
    from {{ stored_funnel_attempts() }} as stored
    window of_day as (partition by {{ funnel_unit() }}, entry_date)

),

best_of_day as (

    select
        *,
        row_number() over (
            partition by {{ funnel_unit() }} order by {{ best_attempt_first() }}
        ) as place
    from attempts
    where place_of_day = 1

)

select
    funnel_name,
    user_id,
    hold_constant_value,
    entry_date,
    entered_at,
    day_first_touch_at as first_touch_at,
    cast(len(list_filter(step_times, lambda step_at: step_at is not null)) as bigint)
        as steps_completed,
    step_times,
    case when is_converted then reached_at end as converted_at,
    case when is_converted then epoch_us(reached_at - entered_at) / 1e6 end as seconds_to_convert,
    case
        when is_converted then epoch_us(reached_at - day_first_touch_at) / 1e6
    end as first_touch_seconds,
    case
        when is_converted then 'converted'
        when is_open then 'pending'
        when is_ended then 'excluded'
        else 'dropped'
    end as status,
    place = 1 as is_best_attempt,
    segment_values
from best_of_day
