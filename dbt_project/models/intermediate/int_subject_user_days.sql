{{ config(materialized='view') }}

select
    days.subject_kind,
    days.subject_name,
    persons.user_id,
    days.activity_date
from {{ ref('int_subject_person_days') }} as days
left join {{ ref('int_persons') }} as persons on days.person_key = persons.person_key
