{#- The built-in metrics, each a column of the total of active users. -#}
{%- set columns = {
    'daily_active_users': 'daily_active_users',
    'weekly_active_users': 'weekly_active_users',
    'monthly_active_users': 'monthly_active_users',
    'new_users': 'new_users',
    'sessions': 'sessions_count',
    'stickiness_rate': 'stickiness_rate',
} -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
        definition={
            'kind': 'metric',
            'column': "case when metric_name not in ('" ~ columns | join("', '") ~ "') then metric_name end",
            'where': "metric_name not in ('" ~ columns | join("', '") ~ "')",
        },
    )
}}

{#- A metric of product.yml is the total over people: a day without any counts 0. A rate stands on
    the day on which it is known: its rows are no named definitions, so that the strategy deletes all
    of them, and this query gives all of them anew from what is small. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_user_metric_days') }}
-- depends_on: {{ ref('cohorts') }}
-- depends_on: {{ ref('int_funnel_step_counts') }}
{% set ratios = rate_metrics() | selectattr('kind', 'equalto', 'ratio') | list %}
{% set returns = rate_metrics() | selectattr('kind', 'equalto', 'retention') | list %}
{% set steps = rate_metrics() | selectattr('kind', 'equalto', 'funnel') | list %}

with days as (

    select *
    from {{ ref('active_users') }}
    where segment_name = 'all'

),
{% for metric in metrics() %}
own_{{ loop.index }} as (

    select
        days.activity_date,
        {% if metric.aggregate in ('unique_days', 'proportion') %}
        cast(count(user_days.user_id) as double) as value
        {% else %}
        coalesce(sum(
            {% if metric.cap %}least(coalesce(user_days.value, 0), {{ metric.cap }})
            {% else %}user_days.value
            {% endif %}
        ), 0) as value
        {% endif %}
    from days
    left join {{ ref('int_user_metric_days') }} as user_days
        on
        days.activity_date = user_days.activity_date
        and user_days.metric_name = '{{ metric.metric_name }}'
    where days.activity_date >= {{ restate_from('metric', metric.metric_name) }}
    group by days.activity_date

),
{% endfor %}
own as (

    {% for metric in metrics() %}
    select '{{ metric.metric_name }}' as metric_name, activity_date, value
    from own_{{ loop.index }}

    union all
    {% endfor %}
    select cast(null as varchar) as metric_name, activity_date, cast(null as double) as value
    from days
    where false

),
{% if ratios %}
whole_parts as (

    select * from own
    {% if is_incremental() %}

    union all

    select metric_name, activity_date, value
    from {{ this }}
    where
        metric_name in ({{ literals(metrics() | map(attribute='metric_name')) }})
        and activity_date < {{ restate_from('metric', column='metric_name') }}
    {% endif %}

),
{% endif %}
{% if ratios or returns or steps %}
counted as (
    {% for metric in ratios %}
    select
        '{{ metric.metric_name }}' as metric_name,
        above.activity_date,
        above.value as numerator,
        below.value as denominator
    from whole_parts as above
    inner join whole_parts as below on above.activity_date = below.activity_date
    where
        above.metric_name = '{{ metric.numerator }}'
        and below.metric_name = '{{ metric.denominator }}'
    {{ 'union all' if not loop.last or returns or steps }}
    {%- endfor %}
    {% for metric in returns %}
    select
        '{{ metric.metric_name }}' as metric_name,
        {{ cell_sees_until(metric.clock, metric.interval, 'cohort_start', metric.period_index) }}
            as activity_date,
        cast(retained_users as double) as numerator,
        cast(cohort_users as double) as denominator
    from {{ ref('cohorts') }}
    where
        retention_name = '{{ metric.retention_name }}'
        and segment_name = 'all'
        and period_index = {{ metric.period_index }}
        and is_complete
    {{ 'union all' if not loop.last or steps }}
    {%- endfor %}
    {% for metric in steps %}
    select
        '{{ metric.metric_name }}' as metric_name,
        period_start + {{ metric.known_after_days }} as activity_date,
        cast(
            coalesce(sum(mature_users_count) filter (where step_index = {{ metric.step_index }}), 0)
            as double
        ) as numerator,
        cast(sum(mature_entries_count) as double) as denominator
    from {{ ref('int_funnel_step_counts') }}
    where
        funnel_name = '{{ metric.funnel_name }}'
        and period = 'day'
        and segment_name = 'all'
        and period_start + {{ metric.known_after_days }} <= {{ last_date() }}
    group by period_start
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),
{% endif %}
final as (
    {% for metric, column in columns.items() %}
    select
        '{{ metric }}' as metric_name,
        activity_date,
        cast({{ column }} as double) as value,
        cast(null as double) as numerator,
        cast(null as double) as denominator
    from days
    where activity_date >= {{ restate_from() }}

    union all
    {%- endfor %}

    select metric_name, activity_date, value, null as numerator, null as denominator
    from own
    {% if ratios or returns or steps %}

    union all

    select
        metric_name,
        activity_date,
        numerator / nullif(denominator, 0) as value,
        numerator,
        denominator
    from counted
    {% endif %}
)

select * from final
