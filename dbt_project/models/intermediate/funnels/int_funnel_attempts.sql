{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'funnel', 'column': 'funnel_name'},
    )
}}

{#- The best attempts of every entry day, with the segment values of the event of the step that
    product.yml names. Of several such events of one instant the one with the lowest id counts. An
    attempt that never came to that step has the value (none). -#}
{%- set segment_columns = funnel_segment_columns() -%}
with attempts as (

    select
        placed.*,
        coalesce(funnels.segment_step, len(placed.step_times)) as segment_step,
        funnels.event_order = 'unordered' as is_unordered,
        funnels.required_count,
        cast(funnels.reach_days as integer) as reach_days
    from {{ ref('int_funnel_placed_attempts') }} as placed
    inner join {{ definitions_table('funnels') }} as funnels
        on placed.funnel_name = funnels.funnel_name

),

attributed as (

    select
        {{ funnel_unit('attempts') }},
        attempts.entry_date,
        attempts.is_mature,
        arg_min([{{ segment_columns | join(', ') }}], events.event_id) as segment_values
    from attempts
    inner join {{ definitions_table('funnel_steps') }} as steps
        on attempts.funnel_name = steps.funnel_name and attempts.segment_step = steps.step_index
    inner join {{ ref('int_funnel_events') }} as events
        on {{ same_funnel_unit('attempts', 'events') }}
        and attempts.step_times[attempts.segment_step] = events.event_at
    where
        case
            when attempts.is_unordered then events.steps_mask > 0
            when steps.required_index is null
                then (events.optional_mask >> (steps.step_index - 1)) & 1 = 1
            else (events.steps_mask >> (steps.required_index - 1)) & 1 = 1
        end
    group by {{ funnel_unit('attempts') }}, attempts.entry_date, attempts.is_mature

),

segment_names as (

    select funnel_name, list(segment_name order by position) as names
    from {{ definitions_table('funnel_segments') }}
    group by funnel_name

)

select
    {{ funnel_unit('attempts') }},
    attempts.entry_date,
    attempts.is_mature,
    attempts.entered_at,
    attempts.first_touch_at,
    attempts.reached_at,
    attempts.entry_step,
    attempts.depth,
    attempts.step_times,
    attempts.depth = attempts.required_count as is_converted,
    attempts.is_live,
    attempts.is_ended,
    coalesce(
        map(
            segment_names.names,
            list_transform(
                segment_names.names,
                lambda name, place: coalesce(attributed.segment_values[place], '(none)')
            )
        ),
        cast(map([], []) as map(varchar, varchar))
    ) as segment_values,
    attempts.entry_date + attempts.reach_days as sees_until
from attempts
left join segment_names on attempts.funnel_name = segment_names.funnel_name
left join attributed
    on {{ same_funnel_unit('attempts', 'attributed') }}
    and attempts.entry_date = attributed.entry_date
    and attempts.is_mature = attributed.is_mature
