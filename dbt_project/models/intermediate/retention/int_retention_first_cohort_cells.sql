{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- As int_retention_cells, of each person's first cohort only: whoever came back n periods or more
    after any of their cohorts did so after the first. -#}
-- depends_on: {{ ref('int_run_window') }}
select
    firsts.retention_name,
    firsts.segment_key,
    firsts.cohort_start,
    pairs.period_index,
    pairs.previous_index,
    any_value(pairs.sees_until) as sees_until,
    count(*) as users_count
from {{ ref('int_retention_first_cohorts') }} as firsts
inner join {{ ref('int_retention_pairs') }} as pairs
    on {{ retention_key_of('firsts.retention_name') }} = pairs.retention_key
    and firsts.person_key = pairs.person_key
    and firsts.cohort_start = pairs.cohort_start
group by
    firsts.retention_name,
    firsts.segment_key,
    firsts.cohort_start,
    pairs.period_index,
    pairs.previous_index
