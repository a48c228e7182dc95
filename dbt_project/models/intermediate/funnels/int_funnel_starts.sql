{{ config(materialized='view') }}

{#- Every start of an attempt of a funnel whose steps have an order: an instant at which an event
    matches the first step, or with enter_at: any each step that it matches. Where other events can
    end the attempt (a strict order, an exclusion ahead within the window) it has to be followed
    event by event; every other attempt goes from step to step. -#}
with funnels as (

    select
        funnels.*,
        to_seconds(funnels.window_seconds) as time_window,
        {{ has_exclusions() }} as has_exclusions
    from {{ keyed_funnels() }} as funnels
    where funnels.event_order != 'unordered'

),

entries as (

    select
        {{ funnel_unit('instants') }},
        instants.event_date as entry_date,
        instants.event_at as entered_at,
        instants.event_at + funnels.time_window as closes_at,
        instants.event_at + funnels.time_window <= {{ as_of() }} as is_mature,
        funnels.required_count,
        funnels.event_order = 'strict' as is_strict,
        funnels.has_exclusions,
        instants.reaches,
        instants.kind_key as start_kind_key,
        unnest(
            case
                when funnels.is_open
                    then list_filter(
                        range(1, funnels.required_count + 1),
                        lambda step: (instants.steps_mask >> (step - 1)) & 1 = 1
                    )
                else [1]
            end
        ) as entry_step
    from {{ ref('int_funnel_instants') }} as instants
    inner join funnels on {{ funnel_key_of('instants') }} = funnels.funnel_key
    where funnels.is_open or instants.steps_mask & 1 = 1

),

excluding_instants as (

    select {{ funnel_unit() }}, event_at
    from {{ ref('int_funnel_instants') }}
    where exclusions_mask > 0

),

ended_entries as (

    select
        entries.*,
        coalesce(excluding_instants.event_at < entries.closes_at, false) as is_ended_ahead
    from entries
    asof left join excluding_instants
        on {{ same_funnel_unit('entries', 'excluding_instants') }}
        and entries.entered_at < excluding_instants.event_at
    where entries.has_exclusions

    union all

    select
        *,
        false as is_ended_ahead
    from entries
    where not has_exclusions

)

select
    {{ funnel_unit() }},
    entry_date,
    entered_at,
    closes_at,
    is_mature,
    required_count,
    is_strict,
    entry_step,
    start_kind_key,
    coalesce(reaches[entry_step], entry_step) as depth,
    is_strict or is_ended_ahead as is_followed
from ended_entries
