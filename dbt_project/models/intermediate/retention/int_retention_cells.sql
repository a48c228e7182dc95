{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- How many people of each cohort came back in which period, after which they had been there
    before: from these counts follow returns on, on or after, and within the horizon, without any
    state of a person. -#}
-- depends_on: {{ ref('int_run_window') }}
with cells as (

    select
        retention_key,
        cohort_start,
        combination_key,
        period_index,
        previous_index,
        any_value(sees_until) as sees_until,
        count(*) as users_count
    from {{ ref('int_retention_pairs') }}
    group by retention_key, cohort_start, combination_key, period_index, previous_index

)

select
    {{ retention_name_of('retention_key') }} as retention_name,
    * exclude (retention_key)
from cells
