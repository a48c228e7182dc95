{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='start_date',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- The first cohort of each person, over all and per segment value, where they can be in several:
    the pooled curve counts them once. -#}
-- depends_on: {{ ref('int_run_window') }}
with recurring as (

    select retentions.retention_name
    from {{ definitions_table('retentions') }} as retentions
    where not retentions.is_first_time

),

starts as (

    select starts.*
    from {{ ref('int_retention_starts') }} as starts
    semi join recurring on starts.retention_name = recurring.retention_name
    where
        starts.start_date >= {{ restate_from('retention', column='starts.retention_name') }}
        and starts.is_cohort_start

),

by_combination as (

    select
        retention_name,
        person_key,
        combination_key,
        min(cohort_start) as cohort_start,
        min(start_date) as start_date
    from starts
    group by retention_name, person_key, combination_key

),

seen as (

    select
        firsts.retention_name,
        segments.segment_key,
        firsts.person_key,
        min(firsts.cohort_start) as cohort_start,
        min(firsts.start_date) as start_date
    from by_combination as firsts
    inner join {{ ref('int_combination_segments') }} as segments
        on firsts.combination_key = segments.combination_key
    group by firsts.retention_name, segments.segment_key, firsts.person_key

),

known as (
    {% if is_incremental() %}
    select retention_name, segment_key, person_key
    from {{ this }}
    where start_date < {{ restate_from('retention', column='retention_name') }}
    {% else %}
    select retention_name, segment_key, person_key
    from seen
    where false
    {% endif %}
)

select seen.*
from seen
anti join known using (retention_name, segment_key, person_key)
