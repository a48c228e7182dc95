{{ config(materialized='view') }}

{#- Attempts that nothing can end but time: from each start always the next event of the next step,
    which no later choice can better. Starts of one day that come to the same step at the same
    instant have the same future: the latest of them stands for all. -#}
with starts as (

    select * from {{ ref('int_funnel_starts') }}
    where not is_followed

),

instants as not materialized (

    select {{ funnel_unit() }}, event_at, steps_mask, reaches
    from {{ ref('int_funnel_instants') }}

),

reached_0 as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        entered_at as first_touch_at,
        entered_at,
        closes_at,
        depth,
        entered_at as reached_at,
        list_resize([entered_at], depth - entry_step + 1, entered_at) as step_times
    from starts

){% for depth in range(1, longest_funnel()) %},

ahead_{{ depth }} as (

    select
        *,
        {{ depth }} as depth_before
    from instants
    where (steps_mask >> {{ depth }}) & 1 = 1

),

moved_{{ depth }} as (

    select
        {{ funnel_unit('reached') }},
        reached.entry_date,
        reached.is_mature,
        reached.entry_step,
        reached.first_touch_at,
        reached.entered_at,
        reached.closes_at,
        reached.depth as depth_before,
        reached.step_times,
        ahead.event_at <= reached.closes_at as is_moved,
        case
            when is_moved then coalesce(ahead.reaches[{{ depth + 1 }}], {{ depth + 1 }})
            else reached.depth
        end as depth,
        case when is_moved then ahead.event_at else reached.reached_at end as reached_at
    from reached_{{ depth - 1 }} as reached
    asof left join ahead_{{ depth }} as ahead
        on {{ same_funnel_unit('reached', 'ahead') }}
        and reached.depth = ahead.depth_before
        and reached.reached_at < ahead.event_at

),

chosen_{{ depth }} as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        depth,
        min(first_touch_at) as first_touch_at,
        arg_max(
            struct_pack(
                entered_at := entered_at,
                closes_at := closes_at,
                reached_at := reached_at,
                step_times := case
                    when is_moved
                        then list_resize(step_times, depth - entry_step + 1, reached_at)
                    else step_times
                end
            ),
            (-epoch_us(reached_at), entered_at)
        ) as best
    from moved_{{ depth }}
    group by
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        depth,
        case when depth > {{ depth }} then reached_at end

),

reached_{{ depth }} as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        first_touch_at,
        depth,
        best.entered_at,
        best.closes_at,
        best.reached_at,
        best.step_times
    from chosen_{{ depth }}

){% endfor %}

select
    {{ funnel_unit() }},
    entry_date,
    is_mature,
    entry_step,
    first_touch_at,
    entered_at,
    depth,
    reached_at,
    step_times,
    true as is_live,
    false as is_ended
from reached_{{ longest_funnel() - 1 }}
