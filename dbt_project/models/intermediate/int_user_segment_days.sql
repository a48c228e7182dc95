{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- Per person and day, every segment value that the day's events carry, the total included: the
    total is one more break-down, so that nothing is written twice for it. -#}
{%- set day = restate_from() -%}

with event_days as (

    select *
    from {{ ref('int_user_event_days') }}
    where activity_date >= {{ day }}

),

final as (

    select
        user_id,
        activity_date,
        cast('all' as varchar) as segment_name,
        cast('all' as varchar) as segment_value,
        is_active,
        events_count
    from {{ ref('int_user_days') }}
    where activity_date >= {{ day }}
    {% for segment in each_segment()[1:] %}
    union all

    select
        user_id,
        activity_date,
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        bool_or(is_active) as is_active,
        cast(sum(events_count) as bigint) as events_count
    from event_days
    group by user_id, activity_date, {{ segment.value }}
    {% endfor %}

)

select * from final
