{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'funnel', 'column': 'funnel_name'},
    )
}}

{#- The best attempts of every entry day, with the segment values of the event of the step that
    product.yml names. Of several such events of one instant the one with the lowest id counts: ids
    are read for those alone that differ in a value. An attempt that never came to that step has the
    value (none). -#}
{%- set segment_columns = funnel_segment_columns() %}

-- depends_on: {{ ref('int_run_window') }}, {{ ref('int_funnel_events') }}
-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_event_kinds') }}, {{ ref('int_persons') }}
with funnels as (

    select * from {{ keyed_funnels() }} as keyed

),

step_masks as (

    -- What an event of each step matches; without an order, of any step.
    select
        funnels.funnel_key,
        list(
            case
                when funnels.event_order = 'unordered' then -1
                when steps.required_index is null then 0
                else 1 << (steps.required_index - 1)
            end order by steps.step_index
        ) as steps_masks,
        list(
            case
                when funnels.event_order = 'unordered' or steps.required_index is not null then 0
                else 1 << (steps.step_index - 1)
            end order by steps.step_index
        ) as optional_masks
    from {{ definitions_table('funnel_steps') }} as steps
    inner join funnels on steps.funnel_name = funnels.funnel_name
    group by funnels.funnel_key

),

segments as (

    select funnel_name, max(position) as segments_count
    from {{ definitions_table('funnel_segments') }}
    group by funnel_name

),

attempts as (

    select
        placed.*,
        funnels.funnel_name,
        funnels.funnel_key,
        coalesce(funnels.segment_step, len(placed.step_times)) as chosen_step,
        placed.step_times[chosen_step] as chosen_at,
        step_masks.steps_masks[chosen_step] as steps_mask,
        step_masks.optional_masks[chosen_step] as optional_mask,
        case when chosen_at = placed.entered_at then placed.start_kind_key end as chosen_kind_key,
        coalesce(segments.segments_count, 0) as segments_count,
        funnels.required_count,
        cast(funnels.reach_days as integer) as reach_days
    from {{ ref('int_funnel_placed_attempts') }} as placed
    -- Each has a funnel: an outer join also tells the planner that they stay as many.
    left join funnels on {{ funnel_key_of('placed') }} = funnels.funnel_key
    left join step_masks on funnels.funnel_key = step_masks.funnel_key
    left join segments on funnels.funnel_name = segments.funnel_name

),
{% if segment_columns %}
kind_values as (

    {{ funnel_kind_values() }}

),

candidates as (

    select
        {{ funnel_unit('attempts') }},
        attempts.entry_date,
        attempts.is_mature,
        {% for column in segment_columns %}
        coalesce({{ funnel_text('events', column) }}, kind_values.{{ column }}) as {{ column }},
        {% endfor %}
        events.event_at,
        {{ funnel_text('events', 'event_id') }} as event_id,
        events.kind_key
    from attempts
    inner join {{ ref('int_funnel_events') }} as events
        on {{ same_funnel_unit('attempts', 'events') }}
        and attempts.chosen_at = events.event_at
    left join kind_values
        on attempts.funnel_key = kind_values.funnel_key
        and events.kind_key = kind_values.kind_key
    where
        attempts.chosen_kind_key is null
        and (
            (events.steps_mask & attempts.steps_mask) != 0
            or (events.optional_mask & attempts.optional_mask) != 0
        )

),

sure_values as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        {% for column in segment_columns %}
        min({{ column }}) as {{ column }},
        {% endfor %}
        coalesce(
            false
            {% for column in segment_columns %}
            or min({{ column }}) != max({{ column }})
            {% endfor %},
            false
        ) as is_disputed
    from candidates
    group by {{ funnel_unit() }}, entry_date, is_mature

),

disputed_candidates as (

    {{ candidates_with_ids('candidates', 'sure_values') }}

),

disputed_values as (

    select
        {{ funnel_unit() }},
        entry_date,
        {% for column in segment_columns %}
        arg_min({{ column }}, event_id) as {{ column }},
        {% endfor %}
        is_mature
    from disputed_candidates
    group by {{ funnel_unit() }}, entry_date, is_mature

),

start_values as (

    -- Of an attempt whose start is an event alone at its instant, the event's kind is known.
    select
        funnel_key,
        kind_key,
        [
            {% for column in segment_columns %}
            {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        ] as segment_values
    from kind_values

),

attributed as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        [
            {% for column in segment_columns %}
            {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        ] as segment_values
    from (
        select * exclude (is_disputed) from sure_values
        where not is_disputed
        union all by name
        select * from disputed_values
    ) as chosen_values

),
{% else %}
start_values as (

    select 0 as funnel_key, 0 as kind_key, cast([] as varchar[]) as segment_values
    where false

),

attributed as (

    select {{ funnel_unit() }}, entry_date, is_mature, cast([] as varchar[]) as segment_values
    from attempts
    where false

),
{% endif %}
valued as (

    select attempts.*, start_values.segment_values
    from attempts
    left join start_values
        on attempts.funnel_key = start_values.funnel_key
        and attempts.chosen_kind_key = start_values.kind_key
    where attempts.chosen_kind_key is not null

    union all

    select attempts.*, attributed.segment_values
    from attempts
    left join attributed
        on {{ same_funnel_unit('attempts', 'attributed') }}
        and attempts.entry_date = attributed.entry_date
        and attempts.is_mature = attributed.is_mature
    where attempts.chosen_kind_key is null

),

final as (

    select
        funnel_name,
        {{ person_key_of('valued') }} as person_key,
        {{ 'hold_constant_value' if has_holds() else "''" }} as hold_constant_value,
        entry_date,
        is_mature,
        entered_at,
        first_touch_at,
        reached_at,
        entry_step,
        depth,
        step_times,
        depth = required_count as is_converted,
        is_live,
        is_ended,
        coalesce(
            list_slice(segment_values, 1, segments_count),
            list_resize(cast([] as varchar[]), segments_count, '(none)')
        ) as segment_values,
        entry_date + reach_days as sees_until
    from valued

)

select * from final
