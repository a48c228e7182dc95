{{ config(materialized='view') }}

{#- The best attempts of each day that nothing can end but time: from each start always the next
    event of the next step, which no later choice can better. What begins later comes to each step
    later or at the same time. Who is not there yet takes part in the search for the next step; who
    has missed one, or needs no more, does not. -#}
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
        cast(entry_step as tinyint) as entry_step,
        start_kind_key,
        entered_at,
        closes_at,
        cast(required_count as tinyint) as required_count,
        {% for step in depths %}
        case when {{ step }} between entry_step and depth then entered_at end as step_{{ step }}_at,
        {% endfor %}
        entered_at as reached_at,
        cast(depth as tinyint) as depth
    from {{ ref('int_funnel_starts') }}
    where not is_followed

),

{% for depth in depths[:-1] %}
ahead_{{ depth }} as (

    select
        {{ funnel_unit() }},
        event_at,
        cast(coalesce(reaches[{{ depth + 1 }}], {{ depth + 1 }}) as tinyint) as depth
    from instants
    where (steps_mask >> {{ depth }}) & 1 = 1

),

moved_{{ depth }} as (

    -- What is sorted is kept narrow: of the steps ahead there is nothing yet.
    select
        reached.* exclude (
            {% for step in depths if step > depth %}
            step_{{ step }}_at,
            {% endfor %}
            depth
        ),
        case when ahead.event_at <= reached.closes_at then ahead.depth end as depth_ahead,
        ahead.event_at as ahead_at
    from reached_{{ depth }} as reached
    asof left join ahead_{{ depth }} as ahead
        on {{ same_funnel_unit('reached', 'ahead') }}
        and reached.reached_at < ahead.event_at
    where reached.depth = {{ depth }} and reached.required_count > {{ depth }}

),

-- Whoever stays behind takes no part in the steps that follow.
left_{{ depth }} as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        start_kind_key,
        entered_at,
        closes_at,
        required_count,
        {% for step in depths %}
        {{ 'cast(null as timestamp) as ' if step > depth }}step_{{ step }}_at,
        {% endfor %}
        reached_at,
        cast({{ depth }} as tinyint) as depth
    from moved_{{ depth }}
    where depth_ahead is null

    union all

    select * from reached_{{ depth }}
    where depth = {{ depth }} and required_count = {{ depth }}

),

reached_{{ depth + 1 }} as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        start_kind_key,
        entered_at,
        closes_at,
        required_count,
        {% for step in depths %}
        {{ 'if(depth_ahead < %d, null, ahead_at) as ' % step if step > depth }}step_{{ step }}_at,
        {% endfor %}
        ahead_at as reached_at,
        depth_ahead as depth
    from moved_{{ depth }}
    where depth_ahead is not null

    union all

    select * from reached_{{ depth }}
    where depth > {{ depth }}

),

{% endfor %}
chains as (
    {% for depth in depths[:-1] %}
    select * from left_{{ depth }}
    union all
    {% endfor %}
    select * from reached_{{ longest_funnel() }}

),

ranked as (

    select
        *,
        {{ attempt_rank() }} as attempt_rank
    from chains

),

best as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        min(entered_at) as first_touch_at,
        max(attempt_rank) as best_rank
    from ranked
    group by {{ funnel_unit() }}, entry_date, is_mature

)

select
    {{ funnel_unit('ranked') }},
    ranked.entry_date,
    ranked.is_mature,
    cast(ranked.entry_step as bigint) as entry_step,
    ranked.start_kind_key,
    best.first_touch_at,
    ranked.entered_at,
    cast(ranked.depth as bigint) as depth,
    ranked.reached_at,
    [
        {% for step in depths %}
        ranked.step_{{ step }}_at{{ ',' if not loop.last }}
        {% endfor %}
    ][ranked.entry_step:ranked.depth] as step_times,
    true as is_live,
    false as is_ended
from ranked
inner join best
    on {{ same_funnel_unit('ranked', 'best') }}
    and ranked.attempt_rank = best.best_rank
