{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'funnel', 'column': 'funnel_name'},
    )
}}

{#- How many units came to each step in each period, by break-down, and how long it took them. Only
    steps that somebody did. A break-down is its place among the funnel's until all is counted. -#}
{%- set segment_names = funnel_segment_columns() %}

-- depends_on: {{ ref('int_run_window') }}
with funnels as (

    select * from {{ keyed_funnels() }} as keyed

),

attempts as (

    select
        cast(funnels.funnel_key as integer) as funnel_key,
        funnels.is_open or funnels.event_order = 'unordered' as enters_anywhere,
        cast({{ funnel_period_key('attempts.period') }} as integer) as period_key,
        attempts.period_start,
        attempts.sees_until,
        attempts.is_best,
        attempts.is_best_mature,
        epoch_us(attempts.first_touch_at) as first_touch_us,
        epoch_us(attempts.entered_at) as entered_us,
        attempts.step_times,
        attempts.segment_values as places,
        case
            when enters_anywhere
                then list_position(
                    list_transform(attempts.step_times, lambda step_at: step_at is not null), true
                )
            else 1
        end as entry_index
    from {{ ref('int_funnel_period_attempts') }} as attempts
    inner join funnels on attempts.funnel_name = funnels.funnel_name

),

attempt_steps as (

    select
        *,
        unnest(range(1, len(step_times) + 1)) as step_index,
        unnest(step_times) as step_at
    from attempts

),

steps as (

    select
        funnels.funnel_key,
        steps.step_index,
        steps.previous_step_index
    from {{ definitions_table('funnel_steps') }} as steps
    inner join funnels on steps.funnel_name = funnels.funnel_name

),

done_steps as (

    select
        attempt_steps.funnel_key,
        attempt_steps.enters_anywhere,
        attempt_steps.period_key,
        attempt_steps.period_start,
        attempt_steps.sees_until,
        attempt_steps.is_best,
        attempt_steps.is_best_mature,
        attempt_steps.places,
        cast(attempt_steps.step_index as integer) as step_index,
        attempt_steps.step_index = attempt_steps.entry_index as is_entry,
        steps.previous_step_index is null
        or attempt_steps.step_times[steps.previous_step_index] is not null as is_continued,
        epoch_us(attempt_steps.step_at) - attempt_steps.entered_us as entered_ago,
        epoch_us(attempt_steps.step_at) - attempt_steps.first_touch_us as first_touch_ago
    from attempt_steps
    inner join steps
        on
        attempt_steps.funnel_key = steps.funnel_key
        and attempt_steps.step_index = steps.step_index
    where attempt_steps.step_at is not null

),

by_values as (

    -- Seconds are gathered as lists for each combination of values, which every break-down then
    -- joins: so each attempt is looked up in a table of groups once, not for each of its values. An
    -- attempt comes to the step it enters at in no time: where all enter at one step, nothing is
    -- sorted to find that out.
    select
        funnel_key,
        period_key,
        period_start,
        step_index,
        {% for column in segment_names %}
        places[{{ loop.index }}] as {{ column }},
        {% endfor %}
        max(sees_until) as sees_until,
        count(*) filter (where is_best) as users_count,
        count(*) filter (where is_best_mature) as mature_users_count,
        count(*) filter (where is_best and is_entry) as entries_count,
        count(*) filter (where is_best_mature and is_entry) as mature_entries_count,
        count(*) filter (where is_best and is_continued) as continued_count,
        list(entered_ago) filter (where is_best and (enters_anywhere or not is_entry))
            as entered_agos,
        list(first_touch_ago) filter (where is_best) as first_touch_agos
    from done_steps
    group by
        {{ comma_columns(segment_names) }}
        funnel_key,
        period_key,
        period_start,
        step_index

),

broken_down as (

    select
        *,
        0 as place,
        'all' as segment_value
    from by_values
    {% for column in segment_names %}
    union all
    select
        *,
        {{ loop.index }} as place,
        {{ column }} as segment_value
    from by_values
    where {{ column }} is not null
    {% endfor %}

),

counts as (

    select
        funnel_key,
        period_key,
        period_start,
        place,
        segment_value,
        step_index,
        max(sees_until) as sees_until,
        cast(sum(users_count) as bigint) as users_count,
        cast(sum(mature_users_count) as bigint) as mature_users_count,
        cast(sum(entries_count) as bigint) as entries_count,
        cast(sum(mature_entries_count) as bigint) as mature_entries_count,
        cast(sum(continued_count) as bigint) as continued_count,
        list_aggregate(
            flatten(list(entered_agos)), 'quantile_cont', [0.25, 0.5, 0.75, 0.9]
        ) as quantiles,
        list_aggregate(flatten(list(first_touch_agos)), 'quantile_cont', 0.5)
            as median_first_touch
    from broken_down
    group by funnel_key, period_key, period_start, place, segment_value, step_index

)

select
    funnels.funnel_name,
    {{ funnel_period_of('counts.period_key') }} as period,
    counts.period_start,
    coalesce(segments.segment_name, 'all') as segment_name,
    counts.segment_value,
    cast(counts.step_index as bigint) as step_index,
    counts.users_count,
    counts.mature_users_count,
    counts.entries_count,
    counts.mature_entries_count,
    counts.continued_count,
    case
        when counts.quantiles is not null
            then list_transform(counts.quantiles, lambda ago: ago / 1e6)
        when counts.users_count > 0 then cast([0, 0, 0, 0] as double[])
    end as seconds_quantiles,
    counts.median_first_touch / 1e6 as median_first_touch_seconds,
    counts.sees_until
from counts
inner join funnels on counts.funnel_key = funnels.funnel_key
left join {{ definitions_table('funnel_segments') }} as segments
    on funnels.funnel_name = segments.funnel_name and counts.place = segments.position
