-- Whoever arrives at an event in one step leaves it in the next, for another or for (end). In paths
-- to an event the steps are numbered backwards. What follows the last step is not looked at.
with edges as (

    select
        *,
        max(step_index) over (partition by path_name) as last_step,
        bool_or(step_index = 1 and to_event = '(end)') over (partition by path_name) as is_backward
    from engagement.path_edges

),

arrivals as (

    select
        path_name,
        period_start,
        step_index + 1 as step_index,
        case when is_backward then from_event else to_event end as node,
        sum(transitions_count) as transitions
    from edges
    where
        step_index < last_step
        and case when is_backward then from_event <> '(start)' else to_event <> '(end)' end
    group by all

),

departures as (

    select
        path_name,
        period_start,
        step_index,
        case when is_backward then to_event else from_event end as node,
        sum(transitions_count) as transitions
    from edges
    where step_index > 1
    group by all

),

differences as (

    select path_name, period_start
    from arrivals
    full join departures using (path_name, period_start, step_index, node)
    where arrivals.transitions is distinct from departures.transitions

)

select
    count(*) as value,
    count(*) || ' events and steps differ'
    || coalesce(', first on ' || min(period_start) || ' in ' || min(path_name), '') as observed,
    'as many leave an event as arrive at it' as expected
from differences
