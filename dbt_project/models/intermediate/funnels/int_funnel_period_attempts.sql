{{ config(materialized='view') }}

{#- The best attempt of each counting unit in all time, in each entry day and each entry week: among
    all (is_best) and among the attempts whose window was over at as-of (is_best_mature). Mostly one
    attempt is both, and then one row. -#}
with periods as (
    {% for period in funnel_periods() %}
    select
        *,
        '{{ period }}' as period,
        {% if period == 'all' -%} cast(null as date)
        {%- else -%} {{ period_start(period, 'entry_date') }}
        {%- endif %} as period_start
    from {{ stored_funnel_attempts() }} as attempts
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

final as (

    select
        funnel_name,
        person_key,
        hold_constant_value,
        period,
        period_start,
        place = 1 as is_best,
        is_mature and mature_place = 1 as is_best_mature,
        period_first_touch_at as first_touch_at,
        entered_at,
        step_times,
        segment_values
    from placed

)

select * from final
where is_best or is_best_mature
