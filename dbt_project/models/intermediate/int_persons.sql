{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        unique_key='person_key',
    )
}}

{#- A number for each person, given once and never changed: what is counted per person is grouped,
    sorted and stored by it, which costs a fraction of the same by name. A device stands for a
    person of its own, also while every anonymous event of it belongs to somebody. -#}

with seen as (

    select distinct coalesce(source_user_id, 'device:' || device_id) as user_id
    from {{ ref('int_device_days') }}
    where event_date >= {{ lake_restate_from() }}

),

known as (
    {% if is_incremental() %}
    select person_key, user_id
    from {{ this }}
    {% else %}
    select 0 as person_key, user_id
    from seen
    where false
    {% endif %}
),

unknown as (

    select seen.user_id
    from seen
    anti join known on seen.user_id = known.user_id

)

select
    cast(
        row_number() over (order by unknown.user_id)
        + (select coalesce(max(known.person_key), 0) from known) as integer
    ) as person_key,
    unknown.user_id
from unknown
