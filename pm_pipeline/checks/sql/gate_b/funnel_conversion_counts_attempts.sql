-- Conversion counts the attempts: by entry day all of them, over all time the best of each unit, and
-- by entry week, of a funnel whose steps are all required, the deepest of each unit. Days and weeks
-- whose attempts cannot see the first changed day are as they were judged.
-- Parameter: restate_from.
with funnels as (

    select
        funnel_name,
        steps_count = required_count and not is_open as is_plain,
        -- A week is judged as a whole.
        $restate_from - cast(reach_days as integer) - 6 as first_date
    from definitions.funnels

),

-- Weeks begin as those of the funnel do.
first_weeks as (

    select funnel_name, min(period_start) as first_week
    from funnels.conversion
    where period = 'week'
    group by funnel_name

),

attempts as (

    select
        attempts.funnel_name,
        attempts.entry_date,
        attempts.is_best_attempt,
        attempts.entry_date >= funnels.first_date as is_judged,
        funnels.is_plain,
        hash(attempts.user_id, attempts.hold_constant_value) as unit,
        case
            when funnels.is_plain then (1 << attempts.steps_completed) - 1
            else cast(list_sum(list_transform(
                range(1, len(attempts.step_times) + 1),
                lambda step: case
                    when attempts.step_times[step] is not null then 1 << (step - 1) else 0
                end
            )) as bigint)
        end as steps_mask
    from funnels.attempts
    inner join funnels on attempts.funnel_name = funnels.funnel_name
    where attempts.entry_date >= funnels.first_date or attempts.is_best_attempt

),

unit_weeks as (

    select
        attempts.funnel_name,
        first_weeks.first_week
        + cast(7 * floor((attempts.entry_date - first_weeks.first_week) / 7) as integer)
            as period_start,
        attempts.unit,
        max(attempts.steps_mask) as steps_mask
    from attempts
    inner join first_weeks on attempts.funnel_name = first_weeks.funnel_name
    where attempts.is_plain and attempts.is_judged
    group by all

),

shapes as (

    select
        funnel_name, 'day' as period, entry_date as period_start, steps_mask,
        count(*) as units_count
    from attempts
    where is_judged
    group by all

    union all

    select
        funnel_name, 'all' as period, cast(null as date) as period_start, steps_mask,
        count(*) as units_count
    from attempts
    where is_best_attempt
    group by all

    union all

    select
        funnel_name, 'week' as period, period_start, steps_mask,
        count(*) as units_count
    from unit_weeks
    group by all

),

expected as (

    select
        shapes.funnel_name,
        shapes.period,
        shapes.period_start,
        steps.step_index,
        sum(shapes.units_count) as users_count
    from shapes
    inner join funnels on shapes.funnel_name = funnels.funnel_name
    inner join definitions.funnel_steps as steps
        on shapes.funnel_name = steps.funnel_name
        and (shapes.steps_mask >> cast(steps.step_index - 1 as integer)) & 1 = 1
    where shapes.period = 'all' or shapes.period_start >= funnels.first_date
    group by all

),

conversion as (

    select
        conversion.funnel_name,
        conversion.period,
        conversion.period_start,
        conversion.step_index,
        conversion.users_count
    from funnels.conversion
    inner join funnels on conversion.funnel_name = funnels.funnel_name
    where
        conversion.segment_name = 'all'
        and (conversion.period <> 'week' or funnels.is_plain)
        and (conversion.period = 'all' or conversion.period_start >= funnels.first_date)

),

differences as (

    select
        coalesce(conversion.funnel_name, expected.funnel_name) as funnel_name,
        coalesce(conversion.period, expected.period) as period
    from conversion
    full join expected
        on conversion.funnel_name = expected.funnel_name
        and conversion.period = expected.period
        and conversion.period_start is not distinct from expected.period_start
        and conversion.step_index = expected.step_index
    where coalesce(conversion.users_count, 0) <> coalesce(expected.users_count, 0)

)

select
    count(*) as value,
    count(*) || ' steps of periods counted otherwise' || coalesce(
        ', first of ' || min(funnel_name) || ' by ' || arg_min(period, (funnel_name, period)), ''
    ) as observed,
    'as many units at each step as have an attempt that came to it' as expected
from differences
