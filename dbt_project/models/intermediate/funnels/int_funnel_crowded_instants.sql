{#- The instants at which a counting unit has several events: few. They have no order of their own:
    an attempt takes them as it needs them, each for one step. What one event allows is its mask; what
    several allow is reaches: from depth k (its k + 1st element) the depth that is reached when the
    steps after k are dealt out to different events of the instant, as many as go. By Hall's
    theorem that works for a run of steps unless some of them have too few events that match. -#}
with events as not materialized (

    select * from {{ ref('int_funnel_events') }}

),

crowded as (

    select {{ funnel_unit() }}, event_at
    from events
    group by {{ funnel_unit() }}, event_at
    having count(*) > 1

),

crowded_events as (

    select events.*
    from events
    semi join crowded
        on {{ same_funnel_unit('events', 'crowded') }}
        and events.event_at = crowded.event_at

),

ties as (

    select
        {{ funnel_unit() }},
        event_at,
        list(steps_mask) as masks
    from crowded_events
    where steps_mask > 0
    group by {{ funnel_unit() }}, event_at
    having count(*) > 1

),

step_sets as (

    select funnel_name, list(steps_mask) as sets
    from {{ definitions_table('funnel_step_sets') }}
    group by funnel_name

),

tied_instants as (

    select
        {{ funnel_unit('ties') }},
        ties.event_at,
        list_transform(
            range(funnels.required_count),
            lambda depth: depth + len(list_filter(
                range(1, funnels.required_count - depth + 1),
                lambda steps: len(list_filter(
                    step_sets.sets,
                    lambda step_set: len(list_filter(
                        ties.masks,
                        lambda mask: mask & step_set & (((1 << steps) - 1) << depth) > 0
                    )) < bit_count(step_set & (((1 << steps) - 1) << depth))
                )) = 0
            ))
        ) as reaches
    from ties
    inner join {{ keyed_funnels() }} as funnels on {{ funnel_key_of('ties') }} = funnels.funnel_key
    inner join step_sets on funnels.funnel_name = step_sets.funnel_name

),

crowded_instants as (

    select
        {{ funnel_unit() }},
        event_at,
        min(event_date) as event_date,
        bit_or(steps_mask) as steps_mask,
        bit_or(exclusions_mask) as exclusions_mask
    from crowded_events
    group by {{ funnel_unit() }}, event_at

)

select
    {{ funnel_unit('crowded_instants') }},
    crowded_instants.event_at,
    crowded_instants.event_date,
    crowded_instants.steps_mask,
    crowded_instants.exclusions_mask,
    tied_instants.reaches
from crowded_instants
left join tied_instants
    on {{ same_funnel_unit('crowded_instants', 'tied_instants') }}
    and crowded_instants.event_at = tied_instants.event_at
