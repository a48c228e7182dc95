{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- Where people can be in several cohorts: the first of these in which each came back in period n,
    over all and per segment value. -#}
-- depends_on: {{ ref('int_run_window') }}
with recurring as (

    select retentions.retention_name, retentions.periods
    from {{ definitions_table('retentions') }} as retentions
    where not retentions.is_first_time

),

pairs as (

    select pairs.*
    from {{ ref('int_retention_pairs') }} as pairs
    inner join recurring
        on pairs.retention_name = recurring.retention_name
        and pairs.period_index <= recurring.periods

),

seen as (
    {% for segment in each_segment() %}
    select
        retention_name,
        cast({{ segment.name }} as varchar) as segment_name,
        cast({{ segment.value }} as varchar) as segment_value,
        user_id,
        period_index,
        min(cohort_start) as cohort_start,
        min(sees_until) as sees_until
    from pairs
    group by
        retention_name, user_id, period_index{% if not loop.first %}, {{ segment.value }}{% endif %}

    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

known as (
    {% if is_incremental() %}
    select retention_name, segment_name, segment_value, user_id, period_index
    from {{ this }}
    where sees_until < {{ restate_from('retention', column='retention_name') }}
    {% else %}
    select retention_name, segment_name, segment_value, user_id, period_index
    from seen
    where false
    {% endif %}
)

select seen.*
from seen
anti join known using (retention_name, segment_name, segment_value, user_id, period_index)
