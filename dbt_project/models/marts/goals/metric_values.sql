{#- The built-in metrics, each a column of the total of active users. -#}
{%- set columns = {
    'daily_active_users': 'daily_active_users',
    'weekly_active_users': 'weekly_active_users',
    'monthly_active_users': 'monthly_active_users',
    'new_users': 'new_users',
    'sessions': 'sessions_count',
    'stickiness_rate': 'stickiness_rate',
} -%}

with days as (

    select *
    from {{ ref('active_users') }}
    where segment_name = 'all'

),

final as (
    {% for metric, column in columns.items() %}
    select '{{ metric }}' as metric_name, activity_date, cast({{ column }} as double) as value
    from days
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
