{{ config(materialized='view') }}

{#- Attempts that other events can end, followed instant by instant: of a strict funnel through as
    many as it has steps, else through the window. What is known of an attempt is, for each depth,
    the times of the steps of one attempt that stands there and is not ended (chains), and the
    deepest that was reached, at its first time (best). An exclusion after step a and before step b
    ends what stands between them, if step a was before its instant and step b is not at or before
    it. In a strict funnel every instant ends whatever does not move on. Of other funnels nothing is
    read. -#}
with followed_funnels as (

    select funnel_key
    from {{ keyed_funnels() }} as funnels
    where event_order = 'strict' or {{ has_exclusions() }}

),

instants as (

    select
        {{ funnel_unit() }},
        event_at,
        row_number() over (
            partition by {{ funnel_unit() }} order by event_at
        ) as position,
        struct_pack(
            event_at := event_at,
            steps_mask := steps_mask,
            reaches := reaches,
            exclusions_mask := exclusions_mask
        ) as instant
    from {{ ref('int_funnel_instants') }} as followed_instants
    semi join followed_funnels
        on {{ funnel_key_of('followed_instants') }} = followed_funnels.funnel_key

),

starts as (

    select
        starts.*,
        instants.position
    from {{ ref('int_funnel_starts') }} as starts
    inner join instants
        on {{ same_funnel_unit('starts', 'instants') }}
        and starts.entered_at = instants.event_at
    where starts.is_followed

),

ahead as (

    select
        {{ funnel_unit('starts') }},
        starts.entered_at,
        starts.entry_step,
        unnest(range(
            starts.position + 1,
            case
                when starts.is_strict
                    then least(last_instants.position, starts.position + starts.required_count - 1)
                else last_instants.position
            end + 1
        )) as position
    from starts
    asof inner join instants as last_instants
        on {{ same_funnel_unit('starts', 'last_instants') }}
        and starts.closes_at >= last_instants.event_at

),

instants_ahead as (

    select
        {{ funnel_unit('ahead') }},
        ahead.entered_at,
        ahead.entry_step,
        list(instants.instant order by ahead.position) as instants
    from ahead
    inner join instants
        on {{ same_funnel_unit('ahead', 'instants') }}
        and ahead.position = instants.position
    group by {{ funnel_unit('ahead') }}, ahead.entered_at, ahead.entry_step

),

exclusions as (

    select
        funnels.funnel_key,
        list(
            struct_pack(
                position := exclusions.position,
                after_step := exclusions.after_step,
                before_step := exclusions.before_step
            )
        ) as exclusions
    from {{ definitions_table('funnel_exclusions') }} as exclusions
    inner join {{ keyed_funnels() }} as funnels
        on exclusions.funnel_name = funnels.funnel_name
    group by funnels.funnel_key

),

prepared as (

    select
        starts.* exclude (position),
        coalesce(instants_ahead.instants, []) as instants,
        coalesce(exclusions.exclusions, []) as exclusions,
        range(1, starts.required_count + 1) as depths
    from starts
    left join instants_ahead
        on {{ same_funnel_unit('starts', 'instants_ahead') }}
        and starts.entered_at = instants_ahead.entered_at
        and starts.entry_step = instants_ahead.entry_step
    left join exclusions on {{ funnel_key_of('starts') }} = exclusions.funnel_key

),

followed as (

    select
        *,
        list_reduce(  -- noqa: PRS
            instants,
            lambda known, instant: {{ funnel_follow('known', 'instant') }},
            struct_pack(
                chains := list_transform(depths, lambda to_depth: case
                    when to_depth between entry_step and depth
                        then list_resize([entered_at], to_depth - entry_step + 1, entered_at)
                end),
                best := list_resize([entered_at], depth - entry_step + 1, entered_at)
            )
        ) as outcome
    from prepared

),

final as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        entry_step,
        start_kind_key,
        entered_at as first_touch_at,
        entered_at,
        entry_step + len(outcome.best) - 1 as best_depth,
        outcome.best[-1] as reached_at,
        outcome.best as step_times,
        len(list_filter(outcome.chains, lambda chain: chain is not null)) > 0 as is_live,
        not is_strict
        and best_depth < required_count
        and outcome.chains[best_depth] is null as is_ended
    from followed

)

select * rename (best_depth as depth) from final
