{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='user_id',
    )
}}

{#- State, one row per person and segment: the first and the latest known value. Of several events
    at one instant the one first (last) by name and value counts. -#}
{%- set day = restate_from() %}

with touched as (

    select distinct user_id
    from {{ ref('int_user_days') }}
    where activity_date >= {{ day }}

    {% if is_incremental() %}
    union

    select user_id
    from {{ this }}
    where {{ product_date('last_event_at') }} >= {{ day }}
    {% endif %}

),

event_days as (

    -- A person all of whose events went away keeps a row without values: it replaces the old one.
    select touched.user_id, event_days.* exclude (user_id)
    from touched
    left join {{ ref('int_user_event_days') }} as event_days
        on touched.user_id = event_days.user_id

),

final as (
    {% for segment in each_segment()[1:] %}
    select
        user_id,
        {{ segment.name }} as segment_name,
        coalesce(
            arg_min({{ segment.value }}, (first_event_at, event_name, {{ segment.value }}))
            filter (where {{ segment.value }} != '(none)'),
            '(none)'
        ) as first_value,
        coalesce(
            arg_max({{ segment.value }}, (last_event_at, event_name, {{ segment.value }}))
            filter (where {{ segment.value }} != '(none)'),
            '(none)'
        ) as latest_value,
        max(last_event_at) as last_event_at
    from event_days
    group by user_id
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        user_id,
        cast(null as varchar) as segment_name,
        cast(null as varchar) as first_value,
        cast(null as varchar) as latest_value,
        last_event_at
    from event_days
    where false
    {%- endfor %}

)

select * from final
