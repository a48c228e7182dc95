{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- How many people started in each cohort, by the segment values of their start. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_retention_starts') }}
{% for retention in retentions() %}
{%- set day = restate_from('retention', retention.retention_name) -%}
select
    retention_name,
    cohort_start,
    combination_key,
    {{ next_period_start(retention.interval, 'cohort_start') }} - 1 as sees_until,
    count(*) as users_count
from {{ ref('int_retention_starts') }}
where
    retention_name = '{{ retention.retention_name }}'
    and is_cohort_start
    and cohort_start >= {{ period_start(retention.interval, day) }}
group by all
{{ 'union all' if not loop.last }}
{% else %}
select
    retention_name,
    cohort_start,
    combination_key,
    start_date as sees_until,
    cast(0 as bigint) as users_count
from {{ ref('int_retention_starts') }}
where false
{% endfor %}
