{{ config(materialized='view') }}

{#- What each person adds to a followed metric in a day of the calendar or an hour of the rolling
    clock: the smallest stretch that lies in one period, but for that in which the start falls. -#}
-- depends_on: {{ ref('int_user_metric_days') }}
with moments as (

    select
        followed_name,
        user_id,
        event_date,
        event_hour as moment_at,
        value,
        first_event_at,
        last_event_at
    from {{ ref('int_retention_value_hours') }}
    {% for one in followed_metrics('calendar') %}
    union all

    select
        '{{ one.followed_name }}' as followed_name,
        user_id,
        activity_date as event_date,
        cast(activity_date as timestamp) as moment_at,
        value,
        first_event_at,
        last_event_at
    from {{ ref('int_user_metric_days') }}
    where metric_name = '{{ one.metric.metric_name }}'
    {% endfor %}

)

select
    persons.person_key,
    moments.* exclude (user_id)
from moments
inner join {{ ref('int_persons') }} as persons on moments.user_id = persons.user_id
