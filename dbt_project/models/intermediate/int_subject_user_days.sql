{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
        definition={
            'kind': 'feature',
            'column': "case when subject_kind = 'feature' then subject_name end",
            'where': "subject_kind = 'feature'",
        },
    )
}}

{#- Who was active in what on which day: the product as a whole (its active events) and each
    feature (its events). -#}
{%- set day = restate_from() -%}

select
    'product' as subject_kind,
    'product' as subject_name,
    user_id,
    activity_date
from {{ ref('int_user_days') }}
where is_active and activity_date >= {{ day }}

union all

select distinct
    'feature' as subject_kind,
    features.feature_name as subject_name,
    event_days.user_id,
    event_days.activity_date
from {{ ref('int_user_event_days') }} as event_days
inner join {{ definitions_table('features') }} as features
    on event_days.event_name = features.event_name
where event_days.activity_date >= {{ restate_from('feature', column='features.feature_name') }}
