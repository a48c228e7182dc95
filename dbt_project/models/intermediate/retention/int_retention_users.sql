{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['retention_name', 'person_key'],
    )
}}

{#- State, one row per retention and person: on how many days they returned, and how many days lie
    between. Only persons touched since the last publication are worked out again; one whose
    returns all went away keeps a row without any. -#}
{%- set day = restate_from('retention', column='retention_name') -%}
{%- set all_retentions = retentions() -%}

with touched as (

    select distinct retention_name, person_key
    from {{ ref('int_retention_returns') }}
    where return_date >= {{ day }}

    {% if is_incremental() %}
    union

    select retention_name, person_key
    from {{ this }}
    where last_return_date >= {{ day }}
    {% endif %}

),

{% for retention in all_retentions %}
gaps_{{ loop.index }} as (

    -- Returns of one day have no days between them.
    select
        person_key,
        return_date,
        nullif(return_date - lag(return_date) over person, 0) as gap_days
    from {{ ref('int_retention_returns') }}
    semi join (
        select person_key
        from touched
        where retention_name = '{{ retention.retention_name }}'
    ) as touched_people using (person_key)
    where retention_name = '{{ retention.retention_name }}'
    window person as (partition by person_key order by return_date)

),

{% endfor %}
intervals as (
    {% for retention in all_retentions %}
    select
        '{{ retention.retention_name }}' as retention_name,
        person_key,
        max(return_date) as last_return_date,
        count(gap_days) + 1 as return_days_count,
        median(gap_days) as usage_interval_days
    from gaps_{{ loop.index }}
    group by person_key
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        retention_name,
        person_key,
        cast(null as date) as last_return_date,
        cast(0 as bigint) as return_days_count,
        cast(null as double) as usage_interval_days
    from touched
    where false
    {% endfor %}
),

final as (

    select
        touched.retention_name,
        touched.person_key,
        intervals.last_return_date,
        coalesce(intervals.return_days_count, 0) as return_days_count,
        intervals.usage_interval_days
    from touched
    left join intervals using (retention_name, person_key)

)

select * from final
