{{ config(materialized='view') }}

{#- The returns of every retention. Those that the sums of days show are read from there: of a day
    only its last return, which tells whether it came after the start. -#}
-- depends_on: {{ ref('int_user_days') }}
-- depends_on: {{ ref('int_user_event_days') }}
select retention_name, user_id, return_date, returned_at
from {{ ref('int_retention_timed_returns') }}
{% for retention in retentions() if not return_needs_times(retention) %}
union all

{% if retention.return_event %}
select
    '{{ retention.retention_name }}' as retention_name,
    user_id,
    activity_date as return_date,
    max(last_event_at) as returned_at
from {{ ref('int_user_event_days') }}
where {{ event_matches(retention.return_event) }}
group by user_id, activity_date
{% else %}
select
    '{{ retention.retention_name }}' as retention_name,
    user_id,
    activity_date as return_date,
    last_event_at as returned_at
from {{ ref('int_user_days') }}
{% endif %}
{% endfor %}
