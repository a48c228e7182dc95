-- From one required step to the next units can only be lost, rates are shares of the counts, and
-- times lie within the window. With an open entry a unit may begin behind a step: only bounds hold.
-- The mature are everybody where all windows are over, and nobody where none can be: who still has
-- time has not failed.
-- Parameters: as_of (UTC).
with steps as (

    select
        conversion.*,
        funnels.is_open,
        funnels.window_seconds,
        funnels.reach_days,
        steps.required_index is not null as is_required,
        steps.previous_step_index,
        max(conversion.users_count) filter (where conversion.step_index = 1) over of_value
            as first_users_count,
        max(conversion.mature_users_count) filter (where conversion.step_index = 1) over of_value
            as mature_first_users_count
    from funnels.conversion
    inner join definitions.funnels on conversion.funnel_name = funnels.funnel_name
    left join definitions.funnel_steps as steps
        on conversion.funnel_name = steps.funnel_name
        and conversion.step_index = steps.step_index
    window of_value as (
        partition by
            conversion.funnel_name,
            conversion.period,
            conversion.period_start,
            conversion.segment_name,
            conversion.segment_value
    )

),

compared as (

    select
        steps.*,
        coalesce(befores.users_count, steps.users_count) as previous_users_count,
        coalesce(befores.mature_users_count, steps.mature_users_count)
            as mature_previous_users_count
    from steps
    left join steps as befores
        on steps.funnel_name = befores.funnel_name
        and steps.period = befores.period
        and steps.period_start is not distinct from befores.period_start
        and steps.segment_name = befores.segment_name
        and steps.segment_value = befores.segment_value
        and steps.previous_step_index = befores.step_index

),

judged as (

    select
        funnel_name,
        step_index,
        users_count >= 0
        and mature_users_count >= 0
        and (not is_required or segment_name <> 'all' or is_open or mature_users_count <= users_count)
            as is_counted,
        period <> 'day'
        or (
            (
                mature_users_count = users_count
                or period_start + cast(reach_days + 1 as integer) >= cast($as_of as date)
            )
            and (
                mature_users_count = 0
                or period_start - interval 1 day + to_seconds(window_seconds) <= $as_of
            )
        ) as is_mature,
        is_open
        or (
            users_count <= previous_users_count
            and mature_users_count <= mature_previous_users_count
        ) as is_falling,
        coalesce(rate_from_start between 0 and 1, true)
        and coalesce(rate_from_previous between 0 and 1, true)
        and coalesce(mature_rate_from_start between 0 and 1, true)
        and (
            is_open
            or (
                rate_from_start is not distinct from users_count / nullif(first_users_count, 0)
                and rate_from_previous
                is not distinct from users_count / nullif(previous_users_count, 0)
                and mature_rate_from_start
                is not distinct from mature_users_count / nullif(mature_first_users_count, 0)
            )
        ) as is_rated,
        case
            when users_count = 0
                then
                    coalesce(
                        p25_seconds, median_seconds, p75_seconds, p90_seconds,
                        median_first_touch_seconds
                    ) is null
            else
                0 <= p25_seconds
                and p25_seconds <= median_seconds
                and median_seconds <= p75_seconds
                and p75_seconds <= p90_seconds
                and p90_seconds <= window_seconds
                and median_first_touch_seconds >= median_seconds - 1e-6
        end as is_timed
    from compared

),

wrong as (

    select funnel_name, step_index
    from judged
    where not coalesce(is_counted and is_mature and is_falling and is_rated and is_timed, false)

)

select
    count(*) as value,
    count(*) || ' steps' || coalesce(
        ', first step ' || arg_min(step_index, (funnel_name, step_index)) || ' of '
        || min(funnel_name),
        ''
    ) as observed,
    'no more units than at the step before, the mature ones, rates their shares, times in time'
        as expected
from wrong
