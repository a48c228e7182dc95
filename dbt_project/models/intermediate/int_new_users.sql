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

    select person_key, user_id, first_date
    from {{ ref('int_subject_first_days') }}
    where subject_kind = 'product' and first_date >= {{ day }}

),

first_event_days as (

    select
        first_days.user_id,
        first_days.first_date,
        event_days.first_event_at,
        kinds.*
    from {{ ref('int_person_event_days') }} as event_days
    inner join first_days
        on event_days.person_key = first_days.person_key
        and event_days.activity_date = first_days.first_date
    inner join {{ ref('int_event_kinds') }} as kinds on event_days.kind_key = kinds.kind_key
    where kinds.is_active and event_days.activity_date >= {{ day }}

),

final as (
    {% for segment in each_segment() %}
    select
        user_id,
        first_date,
        {{ segment.name }} as segment_name,
        {% if loop.first %}
        {{ segment.value }} as segment_value
        {% else %}
        arg_min({{ segment.value }}, (first_event_at, event_name, {{ segment.value }}))
            as segment_value
        {% endif %}
    from first_event_days
    group by user_id, first_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from final
