{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

with event_days as (

    select *
    from {{ ref('int_user_event_days') }}
    where activity_date >= {{ restate_from() }}

),

final as (
    {% for segment in each_segment() %}
    select
        activity_date,
        event_name,
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        count(distinct user_id) as users_count,
        cast(sum(events_count) as bigint) as events_count,
        cast(sum(events_count) as double) / count(distinct user_id) as events_per_user
    from event_days
    group by activity_date, event_name, {{ segment.value }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
