{{ config(materialized='view') }}

{#- The best attempt of each counting unit in all time, in each entry day and each entry week: among
    all (is_best) and among the attempts whose window was over at as-of (is_best_mature). Mostly one
    attempt is both, and then one row. Of days and weeks those that this run replaces, of all time
    each unit. Chosen among narrow rows; what a chosen attempt holds is fetched afterwards. -#}
-- depends_on: {{ ref('int_run_window') }}
with attempts as (

    select * from {{ stored_funnel_attempts() }} as stored

),

periods as (
    {% for period in funnel_periods() %}
    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        depth,
        entry_step,
        entered_at,
        reached_at,
        first_touch_at,
        '{{ period }}' as period,
        {% if period == 'all' -%} cast(null as date)
        {%- else -%} {{ period_start(period, 'entry_date') }}
        {%- endif %} as period_start,
        {{ funnel_period_sees_until(period, 'entry_date', 'reach_days') }} as sees_until
    from attempts
    where
        {{ funnel_period_sees_until(period, 'entry_date', 'reach_days') }}
        >= {{ restate_from('funnel', column='funnel_name') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- All by one order: the first is the best, the first mature one the best of those.
placed as (

    select
        *,
        row_number() over so_far as place,
        count(*) filter (where is_mature) over so_far as mature_place,
        min(first_touch_at) over (
            partition by {{ funnel_unit() }}, period, period_start
            order by {{ best_attempt_first() }}
            rows between unbounded preceding and unbounded following
        ) as period_first_touch_at
    from periods
    window so_far as (
        partition by {{ funnel_unit() }}, period, period_start
        order by {{ best_attempt_first() }}
        rows between unbounded preceding and current row
    )

),

chosen as (

    select
        {{ funnel_unit() }},
        entry_date,
        is_mature,
        period,
        period_start,
        sees_until,
        place = 1 as is_best,
        is_mature and mature_place = 1 as is_best_mature,
        period_first_touch_at as first_touch_at
    from placed
    where place = 1 or (is_mature and mature_place = 1)

)

select
    attempts.funnel_name,
    attempts.person_key,
    attempts.hold_constant_value,
    chosen.period,
    chosen.period_start,
    chosen.sees_until,
    chosen.is_best,
    chosen.is_best_mature,
    chosen.first_touch_at,
    attempts.entered_at,
    attempts.step_times,
    attempts.segment_values
from chosen
inner join attempts
    on {{ same_funnel_unit('chosen', 'attempts') }}
    and chosen.entry_date = attempts.entry_date
    and chosen.is_mature = attempts.is_mature
