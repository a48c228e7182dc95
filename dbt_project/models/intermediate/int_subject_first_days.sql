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

    select subject_kind, subject_name, user_id, min(activity_date) as first_date
    from {{ ref('int_subject_user_days') }}
    where activity_date >= {{ subject_restate_from() }}
    group by subject_kind, subject_name, user_id

),

known as (
    {% if is_incremental() %}
    select subject_kind, subject_name, user_id
    from {{ this }}
    where first_date < {{ subject_restate_from() }}
    {% else %}
    select subject_kind, subject_name, user_id
    from seen
    where false
    {% endif %}
)

select seen.subject_kind, seen.subject_name, seen.user_id, seen.first_date
from seen
anti join known using (subject_kind, subject_name, user_id)
