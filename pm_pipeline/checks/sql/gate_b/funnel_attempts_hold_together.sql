-- An attempt begins with its first step, ends within its window and before as-of, and its status
-- says what its steps say: who still has time is pending, and nobody else is. Attempts that cannot
-- see the first changed day are as they were judged.
-- Parameters: as_of (UTC), restate_from.
with funnels as (

    select
        funnels.*,
        count(exclusions.funnel_name) > 0 as has_exclusions
    from definitions.funnels
    left join definitions.funnel_exclusions as exclusions
        on funnels.funnel_name = exclusions.funnel_name
    group by all

),

attempts as (

    select
        attempts.funnel_name,
        attempts.entry_date,
        attempts.status,
        list_min(attempts.step_times) = attempts.entered_at
        and abs(attempts.entry_date - cast(attempts.entered_at as date)) <= 1
        and attempts.first_touch_at <= attempts.entered_at
        and list_max(attempts.step_times)
        <= attempts.entered_at + to_seconds(funnels.window_seconds)
        and list_max(attempts.step_times) < $as_of
        and list_count(attempts.step_times) = attempts.steps_completed
        and attempts.steps_completed between 1 and funnels.steps_count as is_possible,
        case
            when attempts.status = 'converted'
                then
                    len(attempts.step_times) = funnels.steps_count
                    and attempts.converted_at = list_max(attempts.step_times)
                    and attempts.seconds_to_convert
                    = epoch_us(attempts.converted_at - attempts.entered_at) / 1e6
                    and attempts.first_touch_seconds
                    = epoch_us(attempts.converted_at - attempts.first_touch_at) / 1e6
            else
                coalesce(
                    cast(attempts.converted_at as varchar),
                    cast(attempts.seconds_to_convert as varchar),
                    cast(attempts.first_touch_seconds as varchar)
                ) is null
                and len(attempts.step_times) < funnels.steps_count
        end as is_timed,
        -- An event in between ends a strict attempt before its window is over.
        case attempts.status
            when 'dropped'
                then
                    attempts.entered_at + to_seconds(funnels.window_seconds) <= $as_of
                    or funnels.event_order = 'strict'
            when 'pending'
                then
                    attempts.entry_date + cast(funnels.reach_days + 1 as integer)
                    >= cast($as_of as date)
            when 'excluded' then funnels.has_exclusions
            else attempts.status = 'converted'
        end as is_judged
    from funnels.attempts
    left join funnels on attempts.funnel_name = funnels.funnel_name
    where
        attempts.entry_date >= $restate_from - coalesce(cast(funnels.reach_days as integer), 0)

),

wrong as (

    select funnel_name, entry_date
    from attempts
    where not coalesce(is_possible and is_timed and is_judged, false)

)

select
    count(*) as value,
    count(*) || ' attempts' || coalesce(
        ', first of ' || arg_min(funnel_name, entry_date) || ' on ' || min(entry_date), ''
    ) as observed,
    'steps within the window, and the status that they and the time left give' as expected
from wrong
