{#- The best attempt of each counting unit and entry day, whether its window is over or not. -#}
with attempts as not materialized (

    select
        *,
        {{ attempt_rank() }} as attempt_rank
    from {{ stored_funnel_attempts() }} as stored

),

best_of_units as (

    select
        {{ funnel_unit() }},
        max(attempt_rank) as best_rank
    from attempts
    group by {{ funnel_unit() }}

),

contested as (

    {{ contested_days('attempts') }}

),

best_of_contested as (

    select
        {{ funnel_unit('attempts') }},
        attempts.entry_date,
        max(attempts.attempt_rank) as best_rank,
        min(attempts.first_touch_at) as first_touch_at,
        bool_or(attempts.is_live and not attempts.is_mature) as is_open
    from attempts
    semi join contested
        on {{ same_funnel_unit('attempts', 'contested') }}
        and attempts.entry_date = contested.entry_date
    group by {{ funnel_unit('attempts') }}, attempts.entry_date

),

best_of_days as (

    select
        attempts.*,
        attempts.first_touch_at as day_first_touch_at,
        attempts.is_live and not attempts.is_mature as is_open
    from attempts
    anti join contested
        on {{ same_funnel_unit('attempts', 'contested') }}
        and attempts.entry_date = contested.entry_date

    union all

    select
        attempts.*,
        best.first_touch_at as day_first_touch_at,
        best.is_open
    from attempts
    inner join best_of_contested as best
        on {{ same_funnel_unit('attempts', 'best') }}
        and attempts.entry_date = best.entry_date
        and attempts.attempt_rank = best.best_rank

),

segments as (

    select funnel_name, list(segment_name order by position) as names
    from {{ definitions_table('funnel_segments') }}
    group by funnel_name

),

maps as (

    -- Few values are different, and a map is dear to make.
    select
        attempt_values.funnel_name,
        attempt_values.segment_values,
        map(coalesce(segments.names, []), attempt_values.segment_values) as segment_map
    from (
        select distinct funnel_name, segment_values
        from attempts
    ) as attempt_values
    left join segments on attempt_values.funnel_name = segments.funnel_name

)

select
    days.funnel_name,
    persons.user_id,
    days.hold_constant_value,
    days.entry_date,
    days.entered_at,
    days.day_first_touch_at as first_touch_at,
    list_count(days.step_times) as steps_completed,
    days.step_times,
    case when days.is_converted then days.reached_at end as converted_at,
    case
        when days.is_converted then epoch_us(days.reached_at - days.entered_at) / 1e6
    end as seconds_to_convert,
    case
        when days.is_converted then epoch_us(days.reached_at - days.day_first_touch_at) / 1e6
    end as first_touch_seconds,
    case
        when days.is_converted then 'converted'
        when days.is_open then 'pending'
        when days.is_ended then 'excluded'
        else 'dropped'
    end as status,
    days.attempt_rank = best_of_units.best_rank as is_best_attempt,
    maps.segment_map as segment_values
from best_of_days as days
inner join best_of_units on {{ same_funnel_unit('days', 'best_of_units') }}
left join {{ ref('int_persons') }} as persons on days.person_key = persons.person_key
inner join maps
    on days.funnel_name = maps.funnel_name and days.segment_values = maps.segment_values
