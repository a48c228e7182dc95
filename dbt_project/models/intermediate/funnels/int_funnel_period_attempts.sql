{{ config(materialized='view') }}

{#- The best attempt of each counting unit in each entry day and each entry week: among all
    (is_best) and among the attempts whose window was over at as-of (is_best_mature). Mostly one
    attempt is both, and then one row. Of days and weeks those that this run replaces; and over all
    days the best of each unit. -#}
-- depends_on: {{ ref('int_run_window') }}
with attempts as not materialized (

    select
        *,
        {{ attempt_rank() }} as attempt_rank
    from {{ stored_funnel_attempts(ref('int_funnel_attempts')) }} as stored
    -- An attempt sees at most six days less than its week does.
    where sees_until >= {{ restate_from('funnel', column='funnel_name') }} - 6

),

contested as (

    {{ contested_days('attempts') }}

),

{% for period in funnel_periods() if period != 'all' %}
attempts_of_{{ period }} as not materialized (

    select
        attempts.* exclude (sees_until),
        {{ period_start(period, 'attempts.entry_date') }} as period_start,
        {{ funnel_period_sees_until(period, 'attempts.entry_date', 'attempts.reach_days') }}
            as sees_until
    from attempts
    {% if period == 'day' -%}
    semi join contested
        on {{ same_funnel_unit('attempts', 'contested') }}
        and attempts.entry_date = contested.entry_date
    {%- endif %}
    where
        {{ funnel_period_sees_until(period, 'attempts.entry_date', 'attempts.reach_days') }}
        >= {{ restate_from('funnel', column='attempts.funnel_name') }}

),

best_of_{{ period }} as (

    select
        {{ funnel_unit() }},
        period_start,
        max(attempt_rank) as best_rank,
        max(case when is_mature then attempt_rank end) as best_mature_rank,
        min(first_touch_at) as first_touch_at
    from attempts_of_{{ period }}
    group by {{ funnel_unit() }}, period_start

),

{% endfor %}
final as (
    {% for period in funnel_periods() if period != 'all' %}
    select
        attempts.funnel_name,
        attempts.person_key,
        attempts.hold_constant_value,
        '{{ period }}' as period,
        attempts.period_start,
        attempts.sees_until,
        attempts.attempt_rank = best.best_rank as is_best,
        attempts.is_mature and attempts.attempt_rank = best.best_mature_rank as is_best_mature,
        best.first_touch_at,
        attempts.entered_at,
        attempts.step_times,
        attempts.segment_values
    from attempts_of_{{ period }} as attempts
    inner join best_of_{{ period }} as best
        on {{ same_funnel_unit('attempts', 'best') }}
        and attempts.period_start = best.period_start
    where
        attempts.attempt_rank = best.best_rank
        or (attempts.is_mature and attempts.attempt_rank = best.best_mature_rank)

    union all
    {% endfor %}
    select
        funnel_name,
        person_key,
        hold_constant_value,
        'all' as period,
        cast(null as date) as period_start,
        {{ funnel_period_sees_until('all') }} as sees_until,
        is_best,
        is_best_mature,
        first_touch_at,
        entered_at,
        step_times,
        segment_values
    from {{ ref('int_funnel_unit_attempts') }}

    union all

    -- The days on which there is one attempt.
    select
        attempts.funnel_name,
        attempts.person_key,
        attempts.hold_constant_value,
        'day' as period,
        attempts.entry_date as period_start,
        {{ funnel_period_sees_until('day', 'attempts.entry_date', 'attempts.reach_days') }}
            as sees_until,
        true as is_best,
        attempts.is_mature as is_best_mature,
        attempts.first_touch_at,
        attempts.entered_at,
        attempts.step_times,
        attempts.segment_values
    from attempts
    anti join contested
        on {{ same_funnel_unit('attempts', 'contested') }}
        and attempts.entry_date = contested.entry_date
    where
        {{ funnel_period_sees_until('day', 'attempts.entry_date', 'attempts.reach_days') }}
        >= {{ restate_from('funnel', column='attempts.funnel_name') }}

)

select * from final
