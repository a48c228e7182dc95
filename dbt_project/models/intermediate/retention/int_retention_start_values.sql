{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='start_date',
        definition={'kind': 'followed_metric', 'column': 'followed_name'},
    )
}}

{#- Where the start falls within a day (an hour on the rolling clock) that adds to the metric, only
    the events from the start on count: the one place where they are looked at again. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_persons') }}
-- depends_on: {{ ref('int_retention_starts') }}
-- depends_on: {{ ref('int_retention_value_moments') }}
{% set followed = followed_metrics() %}
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
cut as (
    {% for one in followed %}
    select
        moments.followed_name,
        '{{ one.metric.metric_name }}' as metric_name,
        starts.person_key,
        starts.cohort_start,
        starts.start_date,
        starts.started_at,
        moments.last_event_at
    from {{ ref('int_retention_starts') }} as starts
    inner join {{ ref('int_retention_value_moments') }} as moments
        on starts.person_key = moments.person_key
        and starts.start_date = moments.event_date
        and moments.first_event_at < starts.started_at
        and moments.last_event_at >= starts.started_at
    where
        starts.retention_name = '{{ one.retention.retention_name }}'
        and moments.followed_name = '{{ one.followed_name }}'
        and starts.is_cohort_start
        and starts.start_date >= {{ restate_from('followed_metric', one.followed_name) }}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as varchar) as followed_name,
        cast(null as varchar) as metric_name,
        person_key,
        cohort_start,
        start_date,
        started_at,
        started_at as last_event_at
    from {{ ref('int_retention_starts') }}
    where false
    {% endfor %}
),

final as (

    select
        cut.followed_name,
        cut.person_key,
        cut.cohort_start,
        cut.start_date,
        sum({{ 'events.value' if followed else '0.0' }}) as value
    from cut
    {% if followed %}
    inner join {{ ref('int_persons') }} as persons on cut.person_key = persons.person_key
    inner join events
        on cut.metric_name = events.metric_name
        and persons.user_id = events.user_id
        and cut.start_date = events.event_date
        and events.event_at between cut.started_at and cut.last_event_at
    where events.value is not null
    {% endif %}
    group by cut.followed_name, cut.person_key, cut.cohort_start, cut.start_date

)

select * from final
