{{ config(materialized='view') }}

{#- The best attempt of each counting unit in all time, in each entry day and each entry week: once
    among all (is_mature_figure false) and once among the attempts whose window was over at as-of. -#}
with periods as (
    {% for period in funnel_periods() %}
    select
        *,
        '{{ period }}' as period,
        {% if period == 'all' -%} cast(null as date)
        {%- else -%} {{ period_start(period, 'entry_date') }}
        {%- endif %} as period_start
    from {{ ref('int_funnel_attempts') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

placed as (

    select
        *,
        row_number() over (
            partition by {{ funnel_unit() }}, period, period_start
            order by {{ best_attempt_first() }}
        ) as place,
        row_number() over (
            partition by {{ funnel_unit() }}, period, period_start, is_mature
            order by {{ best_attempt_first() }}
        ) as place_by_maturity,
        min(first_touch_at) over (
            partition by {{ funnel_unit() }}, period, period_start
        ) as period_first_touch_at
    from periods

),

figures as (

    select *, false as is_mature_figure from placed
    where place = 1

    union all

    select *, true as is_mature_figure from placed
    where is_mature and place_by_maturity = 1

)

select
    {{ funnel_unit() }},
    period,
    period_start,
    is_mature_figure,
    period_first_touch_at as first_touch_at,
    entered_at,
    step_times,
    segment_values
from figures
