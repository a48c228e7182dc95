{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- The pairs of retentions that count returns on the rolling clocks of several cohorts. There the
    first cohort does not stand for the later ones: two returns may lie in one period of a later
    clock and in two of the first. -#}
-- depends_on: {{ ref('int_run_window') }}
select
    retentions.retention_name,
    pairs.person_key,
    pairs.cohort_start,
    pairs.combination_key,
    pairs.period_index,
    pairs.previous_index,
    pairs.sees_until
from {{ ref('int_retention_rolling_pairs') }} as pairs
inner join {{ definitions_table('retentions') }} as retentions
    on pairs.retention_key = {{ retention_key_of('retentions.retention_name') }}
    and retentions.at_least > 1
    and not retentions.is_first_time
