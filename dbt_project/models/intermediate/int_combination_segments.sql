{{ config(materialized='view') }}

{#- The segment values of each combination, one row each, the total included: the total is one more
    break-down, so that nothing is written twice for it. A value has a number, which the combination
    that had it first gives it and no later one can change. -#}
{%- set all_segments = each_segment() -%}
{% for segment in all_segments %}
select
    combination_key,
    cast({{ segment.name }} as varchar) as segment_name,
    cast({{ segment.value }} as varchar) as segment_value,
    cast(
        min(combination_key) over (partition by {{ segment.value }})
        * {{ all_segments | length }} + {{ loop.index0 }} as integer
    ) as segment_key
from {{ ref('int_event_kinds') }}
group by combination_key, {{ segment.value }}
{{ 'union all' if not loop.last }}
{%- endfor %}
