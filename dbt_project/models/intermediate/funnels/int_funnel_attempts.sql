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
with attempts as (

    select
        placed.*,
        funnels.funnel_name,
        coalesce(funnels.segment_step, len(placed.step_times)) as segment_step,
        funnels.event_order = 'unordered' as is_unordered,
        funnels.required_count,
        cast(funnels.reach_days as integer) as reach_days
    from {{ ref('int_funnel_placed_attempts') }} as placed
    inner join {{ keyed_funnels() }} as funnels
        on {{ funnel_key_of('placed') }} = funnels.funnel_key

),
{% if segment_columns %}
candidates as (

    select
        {{ funnel_unit('attempts') }},
        attempts.entry_date,
        attempts.is_mature,
        {% for column in segment_columns %}
        events.{{ column }},
        {% endfor %}
        events.event_at,
        events.event_id,
        events.kind_key
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
attributed as (

    select {{ funnel_unit() }}, entry_date, is_mature, cast([] as varchar[]) as segment_values
    from attempts
    where false

),
{% endif %}
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
    attempts.funnel_name,
    {{ person_key_of('attempts') }} as person_key,
    persons.user_id,
    attempts.hold_constant_value,
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
left join {{ ref('int_persons') }} as persons
    on {{ person_key_of('attempts') }} = persons.person_key
left join attributed
    on {{ same_funnel_unit('attempts', 'attributed') }}
    and attempts.entry_date = attributed.entry_date
    and attempts.is_mature = attributed.is_mature
