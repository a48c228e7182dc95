{{ config(materialized='view') }}

{#- The segment values of each combination, one row each, the total included: the total is one more
    break-down, so that nothing is written twice for it. -#}
{% for segment in each_segment() %}
select distinct
    combination_key,
    cast({{ segment.name }} as varchar) as segment_name,
    cast({{ segment.value }} as varchar) as segment_value
from {{ ref('int_event_kinds') }}
{{ 'union all' if not loop.last }}
{%- endfor %}
