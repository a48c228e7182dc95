{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='event_date',
        definition={'kind': 'followed_metric', 'column': 'followed_name'},
    )
}}

{#- Where periods begin within a day, sums of days do not do: the metrics that retentions on the
    rolling clock follow, by hour. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
{% set followed = followed_metrics('rolling') %}
{% set days = [] %}
{% set chosen = [] %}
{%- for one in followed -%}
    {%- do days.append(restate_from('followed_metric', one.followed_name)) -%}
    {%- if one.metric not in chosen -%}{%- do chosen.append(one.metric) -%}{%- endif -%}
{%- endfor %}

with
{% if followed %}
events as (

    {{ metric_events(chosen, events_since('least(' ~ days | join(', ') ~ ')')) }}

),
{% endif %}
final as (
    {% for one in followed %}
    select
        '{{ one.followed_name }}' as followed_name,
        user_id,
        event_date,
        {{ product_hour('event_at') }} as event_hour,
        count(*) as events_count,
        sum(value) as value,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    where
        metric_name = '{{ one.metric.metric_name }}'
        and value is not null
        and event_date >= {{ restate_from('followed_metric', one.followed_name) }}
    group by user_id, event_date, {{ product_hour('event_at') }}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as varchar) as followed_name,
        user_id,
        event_date,
        event_at as event_hour,
        cast(0 as bigint) as events_count,
        cast(0 as double) as value,
        event_at as first_event_at,
        event_at as last_event_at
    from {{ ref('int_events_segmented') }}
    where false
    {% endfor %}

)

select * from final
