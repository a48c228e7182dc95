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
-- depends_on: {{ ref('int_run_window') }}
with attempts as (

    select
        *,
        map_values(segment_values) as places,
        list_position(list_transform(step_times, lambda step_at: step_at is not null), true)
            as entry_index
    from {{ ref('int_funnel_period_attempts') }}

),

attempt_steps as (

    select
        *,
        unnest(range(1, len(step_times) + 1)) as step_index,
        unnest(step_times) as step_at
    from attempts

),

done_steps as (

    select
        attempt_steps.* exclude (step_times, segment_values),
        steps.previous_step_index is null
        or attempt_steps.step_times[steps.previous_step_index] is not null as is_continued
    from attempt_steps
    inner join {{ definitions_table('funnel_steps') }} as steps
        on
        attempt_steps.funnel_name = steps.funnel_name
        and attempt_steps.step_index = steps.step_index
    where attempt_steps.step_at is not null

),

broken_down as (

    select
        *,
        0 as place,
        'all' as segment_value
    from done_steps
    {% for column in funnel_segment_columns() %}
    union all
    select
        *,
        {{ loop.index }} as place,
        places[{{ loop.index }}] as segment_value
    from done_steps
    where len(places) >= {{ loop.index }}
    {% endfor %}

),

counts as (

    select
        funnel_name,
        period,
        period_start,
        sees_until,
        place,
        segment_value,
        step_index,
        count(*) filter (where is_best) as users_count,
        count(*) filter (where is_best_mature) as mature_users_count,
        count(*) filter (where is_best and step_index = entry_index) as entries_count,
        count(*) filter (where is_best_mature and step_index = entry_index)
            as mature_entries_count,
        count(*) filter (where is_best and is_continued) as continued_count,
        quantile_cont(epoch_us(step_at - entered_at) / 1e6, [0.25, 0.5, 0.75, 0.9])
        filter (where is_best) as seconds_quantiles,
        quantile_cont(epoch_us(step_at - first_touch_at) / 1e6, 0.5)
        filter (where is_best) as median_first_touch_seconds
    from broken_down
    group by funnel_name, period, period_start, sees_until, place, segment_value, step_index

)

select
    counts.funnel_name,
    counts.period,
    counts.period_start,
    coalesce(segments.segment_name, 'all') as segment_name,
    counts.segment_value,
    counts.step_index,
    counts.users_count,
    counts.mature_users_count,
    counts.entries_count,
    counts.mature_entries_count,
    counts.continued_count,
    counts.seconds_quantiles,
    counts.median_first_touch_seconds,
    counts.sees_until
from counts
left join {{ definitions_table('funnel_segments') }} as segments
    on counts.funnel_name = segments.funnel_name and counts.place = segments.position
