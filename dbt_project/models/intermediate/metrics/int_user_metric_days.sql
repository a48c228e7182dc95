{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
        definition={'kind': 'metric', 'column': 'metric_name'},
    )
}}

{#- The one base of every metric: what each person's events of a product day add to it. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_user_event_days') }}
{% set of_events = metrics_of('events') %}

with
{% if of_events %}
events as (

    {% set day = earliest_restate_from('metric', of_events | map(attribute='metric_name')) %}
    {{ metric_events(of_events, events_since(day)) }}

),
{% endif %}
final as (

    {% if of_events %}
    select
        metric_name,
        user_id,
        event_date as activity_date,
        count(*) as events_count,
        sum(value) as value,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    where value is not null and event_date >= {{ restate_from('metric', column='metric_name') }}
    group by metric_name, user_id, event_date

    union all
    {% endif %}
    {% for metric in metrics_of('days') %}
    select
        '{{ metric.metric_name }}' as metric_name,
        user_id,
        activity_date,
        cast(sum(events_count) as bigint) as events_count,
        cast(sum(events_count) as double) as value,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from {{ ref('int_user_event_days') }}
    where
        activity_date >= {{ restate_from('metric', metric.metric_name) }}
        and {{ event_matches(metric.event) }}
    group by user_id, activity_date

    union all
    {% endfor %}
    select
        cast(null as varchar) as metric_name,
        user_id,
        activity_date,
        events_count,
        cast(null as double) as value,
        first_event_at,
        last_event_at
    from {{ ref('int_user_event_days') }}
    where false

)

select * from final
