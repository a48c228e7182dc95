{{ config(materialized='view') }}

{#- Who was active in what on which day: the product as a whole (its active events) and each
    feature (its events). -#}
select
    'product' as subject_kind,
    'product' as subject_name,
    person_key,
    activity_date
from {{ ref('int_person_days') }}
where is_active

union all

select
    'feature' as subject_kind,
    feature_name as subject_name,
    person_key,
    activity_date
from {{ ref('int_feature_person_days') }}
