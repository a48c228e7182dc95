{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='first_date',
    )
}}

-- The first product day on which each segment value was seen.
with seen as (

    select segment_name, segment_value, min(activity_date) as first_date
    from {{ ref('int_user_segment_days') }}
    where activity_date >= {{ restate_from() }}
    group by segment_name, segment_value

)

select seen.segment_name, seen.segment_value, seen.first_date
from seen
{% if is_incremental() %}
anti join (
    select segment_name, segment_value
    from {{ this }}
    where first_date < {{ restate_from() }}
) as known using (segment_name, segment_value)
{% endif %}
