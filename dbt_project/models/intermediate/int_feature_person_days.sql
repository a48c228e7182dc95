{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
        definition={'kind': 'feature', 'column': 'feature_name'},
    )
}}

{#- Who used which feature on which day. -#}
select distinct
    features.feature_name,
    event_days.person_key,
    event_days.activity_date
from {{ ref('int_person_event_days') }} as event_days
inner join {{ ref('int_event_kinds') }} as kinds on event_days.kind_key = kinds.kind_key
inner join {{ definitions_table('features') }} as features
    on kinds.event_name = features.event_name
where event_days.activity_date >= {{ restate_from('feature', column='features.feature_name') }}
