{{ config(materialized='view') }}

{#- The events that count, one row each, in numbers. -#}
{%- set segment_names = segment_columns() -%}

select
    listed.event_date,
    kinds.kind_key,
    listed.source_session_id,
    listed.timeout_seconds,
    unnest(listed.events, recursive := true)
from {{ ref('int_events_listed') }} as listed
inner join {{ ref('int_event_kinds') }} as kinds
    on listed.event_name = kinds.event_name
    {% for segment in segment_names -%}
    and listed.{{ segment }} = kinds.{{ segment }}
    {% endfor %}
