{{ config(materialized='view') }}

{#- The best attempts of each day that nothing can end but time: from each start always the next
    event of the next step, which no later choice can better. What begins later comes to each step
    later or at the same time. So of the starts that come to their last step at the same instant the
    latest has the latest times, and of those, by depth, the earliest come first: plain maxima and
    minima find the best. -#}
{%- set depths = range(1, longest_funnel() + 1) -%}
with instants as not materialized (

    select {{ funnel_unit() }}, event_at, steps_mask, reaches
    from {{ ref('int_funnel_instants') }}

),

reached_1 as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        entered_at,
        closes_at,
        depth,
        {% for step in depths %}
        case when {{ step }} between entry_step and depth then entered_at end as step_{{ step }}_at,
        {% endfor %}
        entered_at as reached_at
    from {{ ref('int_funnel_starts') }}
    where not is_followed

){% for depth in depths[:-1] %},

ahead_{{ depth }} as (

    select
        *,
        {{ depth }} as depth_before
    from instants
    where (steps_mask >> {{ depth }}) & 1 = 1

),

moved_{{ depth }} as (

    select
        reached.*,
        ahead.event_at <= reached.closes_at as is_moved,
        case
            when is_moved then coalesce(ahead.reaches[{{ depth + 1 }}], {{ depth + 1 }})
        end as depth_ahead,
        case when is_moved then ahead.event_at end as moved_at
    from reached_{{ depth }} as reached
    asof left join ahead_{{ depth }} as ahead
        on {{ same_funnel_unit('reached', 'ahead') }}
        and reached.depth = ahead.depth_before
        and reached.reached_at < ahead.event_at

),

reached_{{ depth + 1 }} as (

    select
        * exclude (is_moved, depth_ahead, moved_at) replace (
            {% for step in depths if step > depth %}
            case when depth_ahead >= {{ step }} then moved_at else step_{{ step }}_at end
                as step_{{ step }}_at,
            {% endfor %}
            coalesce(depth_ahead, depth) as depth,
            coalesce(moved_at, reached_at) as reached_at
        )
    from moved_{{ depth }}

){% endfor %},

latest_starts as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        depth,
        reached_at,
        min(entered_at) as first_touch_at,
        {% for step in depths %}
        max(step_{{ step }}_at) as step_{{ step }}_at,
        {% endfor %}
        max(entered_at) as entered_at
    from reached_{{ longest_funnel() }}
    group by {{ funnel_unit() }}, entry_date, is_mature, entry_step, depth, reached_at

),

-- Deeper first, then from an earlier step: one number, so that a plain maximum finds it.
first_arrivals as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        depth * {{ 2 * longest_funnel() }} - entry_step as place,
        entry_step,
        depth,
        min(first_touch_at) as first_touch_at,
        {% for step in depths %}
        min(step_{{ step }}_at) as step_{{ step }}_at,
        {% endfor %}
        min(entered_at) as entered_at,
        min(reached_at) as reached_at
    from latest_starts
    group by {{ funnel_unit() }}, entry_date, is_mature, entry_step, depth

),

best as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        min(first_touch_at) as first_touch_at,
        {% for step in depths %}
        arg_max(step_{{ step }}_at, place) as step_{{ step }}_at,
        {% endfor %}
        arg_max(entry_step, place) as entry_step,
        arg_max(entered_at, place) as entered_at,
        arg_max(depth, place) as depth,
        arg_max(reached_at, place) as reached_at
    from first_arrivals
    group by {{ funnel_unit() }}, entry_date, is_mature

)

select
    {{ funnel_unit() }},
    entry_date,
    is_mature,
    entry_step,
    first_touch_at,
    entered_at,
    depth,
    reached_at,
    [
        {% for step in depths %}
        step_{{ step }}_at{{ ',' if not loop.last }}
        {% endfor %}
    ][entry_step:depth] as step_times,
    true as is_live,
    false as is_ended
from best
