{#- Three models read the pairs: they are made once. -#}
select
    retention_name,
    user_id,
    cohort_start,
    {{ comma_columns(segment_columns()) }}
    period_index,
    previous_index,
    sees_until
from {{ ref('int_retention_calendar_pairs') }}

union all

select
    retention_name,
    user_id,
    cohort_start,
    {{ comma_columns(segment_columns()) }}
    period_index,
    previous_index,
    sees_until
from {{ ref('int_retention_rolling_pairs') }}
