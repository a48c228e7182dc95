{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='first_date',
    )
}}

{#- Per segment, the day and the value of each person's first active event. Of several active
    events at that instant the one first by name and value counts. -#}
{%- set day = restate_from() -%}

with first_days as (

    select user_id, first_date
    from {{ ref('int_subject_first_days') }}
    where subject_kind = 'product' and first_date >= {{ day }}

),

first_event_days as (

    select event_days.*
    from {{ ref('int_user_event_days') }} as event_days
    inner join first_days
        on event_days.user_id = first_days.user_id
        and event_days.activity_date = first_days.first_date
    where event_days.is_active and event_days.activity_date >= {{ day }}

),

final as (
    {% for segment in each_segment() %}
    select
        user_id,
        activity_date as first_date,
        {{ segment.name }} as segment_name,
        arg_min({{ segment.value }}, (first_event_at, event_name, {{ segment.value }}))
            as segment_value
    from first_event_days
    group by user_id, activity_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
