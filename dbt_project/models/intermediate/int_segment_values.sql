{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='first_date',
    )
}}

{#- The first product day on which each segment value was seen. -#}
with combinations as (

    select combination_key, min(activity_date) as first_date
    from {{ ref('int_person_combination_days') }}
    where activity_date >= {{ restate_from() }}
    group by combination_key

),

seen as (

    select
        segment_values.segment_name,
        segment_values.segment_value,
        min(combinations.first_date) as first_date
    from combinations
    inner join {{ ref('int_combination_segments') }} as segment_values
        on combinations.combination_key = segment_values.combination_key
    group by segment_values.segment_name, segment_values.segment_value

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
