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
{%- set segment_columns = funnel_segment_columns() %}

-- depends_on: {{ ref('int_run_window') }}
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

segments as (

    select
        funnels.funnel_name,
        coalesce(
            list_filter(
                list(segments.segment_name order by segments.position),
                lambda name: name is not null
            ),
            cast([] as varchar[])
        ) as names
    from {{ definitions_table('funnels') }} as funnels
    left join {{ definitions_table('funnel_segments') }} as segments
        on funnels.funnel_name = segments.funnel_name
    group by funnels.funnel_name

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
    map_from_entries(
        list_zip(
            segments.names,
            list_transform(
                range(1, len(segments.names) + 1),
                lambda place: coalesce(attributed.segment_values[place], '(none)')
            )
        )
    ) as segment_values,
    attempts.entry_date + attempts.reach_days as sees_until
from attempts
inner join segments on attempts.funnel_name = segments.funnel_name
left join attributed
    on {{ same_funnel_unit('attempts', 'attributed') }}
    and attempts.entry_date = attributed.entry_date
    and attempts.is_mature = attributed.is_mature
