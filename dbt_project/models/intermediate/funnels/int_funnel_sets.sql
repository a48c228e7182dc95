{{ config(materialized='view') }}

{#- Attempts of unordered funnels: from every instant with a step, how many different steps lie in
    the window, each with an event of its own. Among steps that one event can match together (a
    component of m), j of them have their events as soon as every set of s steps has had
    s - (m - j) events that match it (Hall's theorem). An exclusion ends the window. -#}
with funnels as (

    select
        funnels.*,
        to_seconds(funnels.window_seconds) as time_window
    from {{ keyed_funnels() }} as funnels
    where funnels.event_order = 'unordered'

),

step_sets as (

    select step_sets.*, funnels.funnel_key
    from {{ definitions_table('funnel_step_sets') }} as step_sets
    inner join funnels on step_sets.funnel_name = funnels.funnel_name

),

instants as (

    select instants.*
    from {{ ref('int_funnel_instants') }} as instants
    semi join funnels on {{ funnel_key_of('instants') }} = funnels.funnel_key

),

entries as (

    select
        {{ funnel_unit('instants') }},
        instants.event_date as entry_date,
        instants.event_at as entered_at,
        instants.event_at + funnels.time_window as closes_at,
        instants.event_at + funnels.time_window <= {{ as_of() }} as is_mature,
        funnels.required_count,
        funnels.requires_first_step
    from instants
    inner join funnels on {{ funnel_key_of('instants') }} = funnels.funnel_key
    where instants.steps_mask > 0

),

excluding_instants as (

    select {{ funnel_unit() }}, event_at from instants
    where exclusions_mask > 0

),

first_steps as (

    select {{ funnel_unit() }}, event_at from instants
    where steps_mask & 1 = 1

),

starts as (

    select
        {{ funnel_unit('entries') }},
        entries.entry_date,
        entries.entered_at,
        entries.is_mature,
        entries.required_count,
        coalesce(excluding_instants.event_at < entries.closes_at, false) as is_excluded,
        least(entries.closes_at, excluding_instants.event_at) as ends_at
    from entries
    asof left join excluding_instants
        on {{ same_funnel_unit('entries', 'excluding_instants') }}
        and entries.entered_at < excluding_instants.event_at
    asof left join first_steps
        on {{ same_funnel_unit('entries', 'first_steps') }}
        and entries.entered_at <= first_steps.event_at
    where
        not entries.requires_first_step
        or first_steps.event_at <= least(entries.closes_at, excluding_instants.event_at)

),

set_events as (

    -- The times of the next events that match a set of steps: as many as the set has steps.
    select
        {{ funnel_unit('events') }},
        step_sets.steps_mask,
        events.event_at,
        [
            {% for place in range(longest_funnel()) %}
            lead(events.event_at, {{ place }}) over of_set
            {{- ', ' if not loop.last }}
            {% endfor %}
        ] as event_times,
        coalesce(lag(events.event_at) over of_set < events.event_at, true) as is_first
    from {{ ref('int_funnel_events') }} as events
    inner join step_sets
        on
        {{ funnel_key_of('events') }} = step_sets.funnel_key
        and events.steps_mask & step_sets.steps_mask > 0
    window of_set as (
        partition by {{ funnel_unit('events') }}, step_sets.steps_mask
        order by events.event_at
    )

),

set_instants as (

    select * from set_events
    where is_first

),

start_sets as (

    select
        {{ funnel_unit('starts') }},
        starts.entered_at,
        step_sets.steps_mask,
        step_sets.component,
        unnest(range(1, step_sets.size + 1)) as set_place,
        step_sets.component_size - step_sets.size + set_place as place
    from starts
    inner join step_sets on {{ funnel_key_of('starts') }} = step_sets.funnel_key

),

step_times as (

    select
        {{ funnel_unit('start_sets') }},
        start_sets.entered_at,
        start_sets.component,
        start_sets.place,
        case
            when count(*) = count(ahead.event_times[start_sets.set_place])
                then max(ahead.event_times[start_sets.set_place])
        end as step_at
    from start_sets
    asof left join set_instants as ahead
        on {{ same_funnel_unit('start_sets', 'ahead') }}
        and start_sets.steps_mask = ahead.steps_mask
        and start_sets.entered_at <= ahead.event_at
    group by
        {{ funnel_unit('start_sets') }},
        start_sets.entered_at,
        start_sets.component,
        start_sets.place

),

attempts as (

    select
        {{ funnel_unit('starts') }},
        starts.entry_date,
        starts.is_mature,
        starts.entered_at,
        starts.required_count,
        starts.is_excluded,
        list(step_times.step_at order by step_times.step_at) as step_times
    from starts
    inner join step_times
        on {{ same_funnel_unit('starts', 'step_times') }}
        and starts.entered_at = step_times.entered_at
        and starts.ends_at >= step_times.step_at
    group by all

)

select
    {{ funnel_unit() }},
    entry_date,
    is_mature,
    cast(1 as bigint) as entry_step,
    cast(null as integer) as start_kind_key,
    entered_at as first_touch_at,
    entered_at,
    len(step_times) as depth,
    step_times[-1] as reached_at,
    step_times,
    not is_excluded as is_live,
    is_excluded and len(step_times) < required_count as is_ended
from attempts
