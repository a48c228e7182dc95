{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='first_date',
        definition={
            'kind': 'feature',
            'column': "case when subject_kind = 'feature' then subject_name end",
            'where': "subject_kind = 'feature'",
        },
    )
}}

{#- The first day on which each person was active in each subject. -#}
with seen as (

    select subject_kind, subject_name, person_key, min(activity_date) as first_date
    from {{ ref('int_subject_person_days') }}
    where activity_date >= {{ subject_restate_from() }}
    group by subject_kind, subject_name, person_key

),

known as (
    {% if is_incremental() %}
    select subject_kind, subject_name, person_key
    from {{ this }}
    where first_date < {{ subject_restate_from() }}
    {% else %}
    select subject_kind, subject_name, person_key
    from seen
    where false
    {% endif %}
),

first_seen as (

    select *
    from seen
    anti join known using (subject_kind, subject_name, person_key)

)

select
    first_seen.subject_kind,
    first_seen.subject_name,
    first_seen.person_key,
    persons.user_id,
    first_seen.first_date
from first_seen
left join {{ ref('int_persons') }} as persons on first_seen.person_key = persons.person_key
