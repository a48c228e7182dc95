{#- Three models read the pairs: they are made once. -#}
select
    retention_key,
    person_key,
    cohort_start,
    combination_key,
    period_index,
    previous_index,
    sees_until
from {{ ref('int_retention_calendar_pairs') }}

union all

select
    retention_key,
    person_key,
    cohort_start,
    combination_key,
    period_index,
    previous_index,
    sees_until
from {{ ref('int_retention_rolling_pairs') }}
