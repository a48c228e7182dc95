{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- Where people can be in several cohorts: who came back in period n of any of them, over all and
    per segment value, and when that was known first. -#}
-- depends_on: {{ ref('int_run_window') }}
with recurring as (

    select
        {{ retention_key_of('retentions.retention_name') }} as retention_key,
        retentions.periods
    from {{ definitions_table('retentions') }} as retentions
    where not retentions.is_first_time

),

pairs as (

    select pairs.*
    from {{ ref('int_retention_pairs') }} as pairs
    inner join recurring
        on pairs.retention_key = recurring.retention_key
        and pairs.period_index <= recurring.periods

),

by_combination as (

    select
        retention_key,
        person_key,
        combination_key,
        period_index,
        min(sees_until) as sees_until
    from pairs
    group by retention_key, person_key, combination_key, period_index

),

segment_periods as (

    select
        firsts.retention_key,
        segments.segment_key,
        firsts.person_key,
        firsts.period_index,
        min(firsts.sees_until) as sees_until
    from by_combination as firsts
    inner join {{ ref('int_combination_segments') }} as segments
        on firsts.combination_key = segments.combination_key
    group by
        firsts.retention_key,
        segments.segment_key,
        firsts.person_key,
        firsts.period_index

),

seen as (

    select
        {{ retention_name_of('retention_key') }} as retention_name,
        * exclude (retention_key)
    from segment_periods

),

known as (
    {% if is_incremental() %}
    select retention_name, segment_key, person_key, period_index
    from {{ this }}
    where sees_until < {{ restate_from('retention', column='retention_name') }}
    {% else %}
    select retention_name, segment_key, person_key, period_index
    from seen
    where false
    {% endif %}
)

select seen.*
from seen
anti join known using (retention_name, segment_key, person_key, period_index)
