{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='first_date',
    )
}}

{#- The first product day on which each segment value was seen. -#}
with seen as (

    select segment_name, segment_value, min(activity_date) as first_date
    from {{ ref('int_user_segment_days') }}
    where activity_date >= {{ restate_from() }}
    group by segment_name, segment_value

),

known as (
    {% if is_incremental() %}
    select segment_name, segment_value
    from {{ this }}
    where first_date < {{ restate_from() }}
    {% else %}
    select segment_name, segment_value
    from seen
    where false
    {% endif %}
)

select seen.segment_name, seen.segment_value, seen.first_date
from seen
anti join known using (segment_name, segment_value)
