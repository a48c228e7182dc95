{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['retention_name', 'user_id'],
    )
}}

{#- State, one row per retention and person: on how many days they returned, and how many days lie
    between. Only persons touched since the last publication are worked out again; one whose
    returns all went away keeps a row without any. -#}
{%- set day = restate_from('retention', column='retention_name') -%}

with touched as (

    select distinct retention_name, user_id
    from {{ ref('int_retention_returns') }}
    where return_date >= {{ day }}

    {% if is_incremental() %}
    union

    select retention_name, user_id
    from {{ this }}
    where last_return_date >= {{ day }}
    {% endif %}

),

return_days as (

    select distinct retention_name, user_id, return_date
    from {{ ref('int_retention_returns') }}
    semi join touched using (retention_name, user_id)

),

gaps as (

    select
        *,
        return_date - lag(return_date) over (
            partition by retention_name, user_id order by return_date
        ) as gap_days
    from return_days

),

intervals as (

    select
        retention_name,
        user_id,
        max(return_date) as last_return_date,
        count(*) as return_days_count,
        median(gap_days) as usage_interval_days
    from gaps
    group by retention_name, user_id

),

final as (

    select
        touched.retention_name,
        touched.user_id,
        intervals.last_return_date,
        coalesce(intervals.return_days_count, 0) as return_days_count,
        intervals.usage_interval_days
    from touched
    left join intervals using (retention_name, user_id)

)

select * from final
