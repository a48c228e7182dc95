{#- Units by the steps of their best attempt in the period: a row for every step, every day and week
    from the first event to as-of, and every value of a break-down from its first entry on. -#}
with counts as (

    select * from {{ ref('int_funnel_step_counts') }}

),

steps as (

    select * from {{ definitions_table('funnel_steps') }}

),

first_day as (

    select min(activity_date) as first_date from {{ ref('int_user_days') }}

),

periods as (
    {% for period in funnel_periods() if period != 'all' %}
    select
        '{{ period }}' as period,
        cast(starts.period_start as date) as period_start
    from
        first_day,
        generate_series(
            {{ period_start(period, 'first_day.first_date') }},
            {{ last_date() }},
            interval 1 {{ period }}
        ) as starts (period_start)

    union all
    {% endfor %}
    select 'all' as period, cast(null as date) as period_start

),

seen_values as (

    select
        funnel_name,
        segment_name,
        segment_value,
        min(period_start) filter (where period = 'day') as first_date
    from counts
    where segment_name != 'all'
    group by funnel_name, segment_name, segment_value

    union all

    select
        funnels.funnel_name,
        'all',
        'all',
        first_day.first_date
    from {{ definitions_table('funnels') }} as funnels
    cross join first_day
    where funnels.experiment_name is null

),

grid as (

    select
        seen_values.funnel_name,
        periods.period,
        periods.period_start,
        seen_values.segment_name,
        seen_values.segment_value,
        steps.step_index,
        steps.step_name,
        steps.previous_step_index
    from seen_values
    inner join periods
        on
        {% for period in funnel_periods() if period != 'all' -%}
        (
            periods.period = '{{ period }}'
            and periods.period_start
            >= {{ period_start(period, 'seen_values.first_date') }}
        )
        or {% endfor -%}
        periods.period = 'all'
    inner join steps on seen_values.funnel_name = steps.funnel_name

),

filled as (

    select
        grid.*,
        coalesce(counts.users_count, 0) as users_count,
        coalesce(counts.mature_users_count, 0) as mature_users_count,
        coalesce(counts.continued_count, 0) as continued_count,
        sum(counts.entries_count) over all_steps as entries_count,
        sum(counts.mature_entries_count) over all_steps as mature_entries_count,
        counts.seconds_quantiles,
        counts.median_first_touch_seconds
    from grid
    left join counts
        on
        grid.funnel_name = counts.funnel_name
        and grid.period = counts.period
        and grid.period_start is not distinct from counts.period_start
        and grid.segment_name = counts.segment_name
        and grid.segment_value = counts.segment_value
        and grid.step_index = counts.step_index
    window all_steps as (
        partition by
            grid.funnel_name,
            grid.period,
            grid.period_start,
            grid.segment_name,
            grid.segment_value
    )

)

select
    filled.funnel_name,
    filled.period,
    filled.period_start,
    filled.segment_name,
    filled.segment_value,
    filled.step_index,
    filled.step_name,
    filled.users_count,
    cast(filled.users_count / nullif(filled.entries_count, 0) as double) as rate_from_start,
    cast(
        filled.continued_count
        / nullif(coalesce(previous_steps.users_count, filled.users_count), 0) as double
    ) as rate_from_previous,
    filled.mature_users_count,
    cast(
        filled.mature_users_count / nullif(filled.mature_entries_count, 0) as double
    ) as mature_rate_from_start,
    filled.seconds_quantiles[1] as p25_seconds,
    filled.seconds_quantiles[2] as median_seconds,
    filled.seconds_quantiles[3] as p75_seconds,
    filled.seconds_quantiles[4] as p90_seconds,
    filled.median_first_touch_seconds
from filled
left join filled as previous_steps
    on
    filled.funnel_name = previous_steps.funnel_name
    and filled.period = previous_steps.period
    and filled.period_start is not distinct from previous_steps.period_start
    and filled.segment_name = previous_steps.segment_name
    and filled.segment_value = previous_steps.segment_value
    and filled.previous_step_index = previous_steps.step_index
