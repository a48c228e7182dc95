{{ config(materialized='view') }}

{#- Attempts with the time of each step in the place that the step has in product.yml: the steps
    before an open entry and the optional steps that were left out have none. An optional step was
    done when an event of its own lies between the steps beside it. -#}
with attempts as (

    select * from {{ ref('int_funnel_best_attempts') }}

),

funnels as (

    select * from {{ keyed_funnels() }} as keyed

),

optional_steps as (

    select
        funnels.funnel_key,
        steps.step_index,
        previous_steps.required_index as previous_required_index
    from {{ definitions_table('funnel_steps') }} as steps
    inner join {{ definitions_table('funnel_steps') }} as previous_steps
        on
        steps.funnel_name = previous_steps.funnel_name
        and steps.previous_step_index = previous_steps.step_index
    inner join funnels on steps.funnel_name = funnels.funnel_name
    where steps.required_index is null

),

optional_reaches as (

    -- From when to when an optional step of an attempt may have been done.
    select
        {{ funnel_unit('attempts') }},
        attempts.entry_date,
        attempts.is_mature,
        optional_steps.step_index,
        optional_steps.previous_required_index,
        optional_steps.previous_required_index - attempts.entry_step + 1 as place,
        attempts.required_times[place] as earliest_at,
        coalesce(
            attempts.required_times[place + 1],
            attempts.entered_at + to_seconds(funnels.window_seconds)
        ) as latest_at,
        attempts.required_times[place + 1] as next_at
    from attempts
    inner join optional_steps
        on
        {{ funnel_key_of('attempts') }} = optional_steps.funnel_key
        and attempts.entry_step <= optional_steps.previous_required_index
        and attempts.depth >= optional_steps.previous_required_index
    inner join funnels on optional_steps.funnel_key = funnels.funnel_key

),

optional_times as (

    select
        {{ funnel_unit('optional_reaches') }},
        optional_reaches.entry_date,
        optional_reaches.is_mature,
        optional_reaches.step_index,
        min(events.event_at) as event_at
    from optional_reaches
    inner join {{ ref('int_funnel_events') }} as events
        on {{ same_funnel_unit('optional_reaches', 'events') }}
        and events.event_at between optional_reaches.earliest_at and optional_reaches.latest_at
        and (events.optional_mask >> (optional_reaches.step_index - 1)) & 1 = 1
    where
        -- Not an event of the step before or after.
        (
            events.event_at > optional_reaches.earliest_at
            or (events.steps_mask >> (optional_reaches.previous_required_index - 1)) & 1 = 0
        )
        and (
            events.event_at is distinct from optional_reaches.next_at
            or (events.steps_mask >> optional_reaches.previous_required_index) & 1 = 0
        )
    group by
        {{ funnel_unit('optional_reaches') }},
        optional_reaches.entry_date,
        optional_reaches.is_mature,
        optional_reaches.step_index

),

attempt_options as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        max(step_index) as last_optional_index,
        map_from_entries(list((step_index, event_at))) as times
    from optional_times
    group by {{ funnel_unit() }}, entry_date, is_mature

),

shapes as (

    select funnel_name, list(required_index order by step_index) as required_indexes
    from {{ definitions_table('funnel_steps') }}
    group by funnel_name

)

select
    {{ funnel_unit('attempts') }},
    attempts.entry_date,
    attempts.is_mature,
    attempts.first_touch_at,
    attempts.is_live,
    attempts.entered_at,
    attempts.entry_step,
    attempts.start_kind_key,
    attempts.depth,
    attempts.reached_at,
    attempts.is_ended,
    case
        when funnels.steps_count = funnels.required_count and attempts.entry_step = 1
            then attempts.required_times
        else list_transform(
            range(
                1,
                greatest(
                    list_position(shapes.required_indexes, attempts.depth),
                    attempt_options.last_optional_index
                ) + 1
            ),
            lambda step: case
                when shapes.required_indexes[step] is null then attempt_options.times[step]
                when shapes.required_indexes[step] >= attempts.entry_step
                    then attempts.required_times[
                        shapes.required_indexes[step] - attempts.entry_step + 1
                    ]
            end
        )
    end as step_times
from attempts
-- Each has a funnel: an outer join also tells the planner that they stay as many.
left join funnels on {{ funnel_key_of('attempts') }} = funnels.funnel_key
left join shapes on funnels.funnel_name = shapes.funnel_name
left join attempt_options
    on {{ same_funnel_unit('attempts', 'attempt_options') }}
    and attempts.entry_date = attempt_options.entry_date
    and attempts.is_mature = attempt_options.is_mature
