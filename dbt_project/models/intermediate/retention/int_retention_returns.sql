{{ config(materialized='view') }}

{#- The returns of every retention. Those that the sums of days show are read from there: of a day
    only its last return, which tells whether it came after the start. -#}
-- depends_on: {{ ref('int_person_days') }}
-- depends_on: {{ ref('int_person_event_days') }}
-- depends_on: {{ ref('int_event_kinds') }}
select retention_name, person_key, return_date, returned_at
from {{ ref('int_retention_timed_returns') }}
{% for retention in retentions() if not return_needs_times(retention) %}
union all

{% if retention.return_event %}
select
    '{{ retention.retention_name }}' as retention_name,
    days.person_key,
    days.activity_date as return_date,
    max(days.last_event_at) as returned_at
from {{ ref('int_person_event_days') }} as days
inner join {{ ref('int_event_kinds') }} as kinds
    on days.kind_key = kinds.kind_key and kinds.event_name = {{ literal(retention.return_event) }}
group by days.person_key, days.activity_date
{% else %}
select
    '{{ retention.retention_name }}' as retention_name,
    person_key,
    activity_date as return_date,
    last_event_at as returned_at
from {{ ref('int_person_days') }}
{% endif %}
{% endfor %}
