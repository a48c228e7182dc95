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

{#- A metric of product.yml is the total over people: a day without any counts 0. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_user_metric_days') }}

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
final as (
    {% for metric, column in columns.items() %}
    select '{{ metric }}' as metric_name, activity_date, cast({{ column }} as double) as value
    from days
    where activity_date >= {{ restate_from() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {% for metric in metrics() %}
    union all
    select '{{ metric.metric_name }}' as metric_name, activity_date, value
    from own_{{ loop.index }}
    {%- endfor %}
)

select * from final
