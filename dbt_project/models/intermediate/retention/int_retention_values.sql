{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'followed_metric', 'column': 'followed_name'},
    )
}}

{#- By how much each period of a cohort's age raises its metric. A metric that is capped, or that
    asks whether somebody ever did it, is summed up for each person from their start first. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_retention_starts') }}
-- depends_on: {{ ref('int_retention_value_moments') }}
-- depends_on: {{ ref('int_retention_start_values') }}
{% set followed = followed_metrics() %}

with
{% for one in followed %}
{%- set number = loop.index -%}
{%- set retention, metric = one.retention, one.metric -%}
{%- set interval, is_rolling = retention.interval, retention.clock == 'rolling' -%}
{%- set day = restate_from('followed_metric', one.followed_name) -%}
moments_{{ number }} as (

    select *
    from {{ ref('int_retention_value_moments') }}
    where followed_name = '{{ one.followed_name }}'

),

touched_{{ number }} as (

    select distinct person_key
    from moments_{{ number }}
    where
        event_date >= {{ day ~ ' - ' ~ {'day': 2, 'week': 14, 'month': 61}[interval]
        if is_rolling else period_start(interval, day) }}

),

starts_{{ number }} as (

    select *
    from {{ ref('int_retention_starts') }}
    semi join touched_{{ number }} using (person_key)
    where retention_name = '{{ retention.retention_name }}' and is_cohort_start

),

-- By days of the calendar, on the rolling clock by 24 hours from the start.
amounts_{{ number }} as (

    select
        starts.person_key,
        starts.cohort_start,
        {% if is_rolling %}
        {{ rolling_period('day', 'starts.started_at', 'moments.moment_at') }} as day_key,
        {% else %}
        moments.event_date as day_key,
        {% endif %}
        moments.value
    from starts_{{ number }} as starts
    inner join moments_{{ number }} as moments
        on starts.person_key = moments.person_key
        and starts.started_at <= moments.first_event_at

    union all

    select
        start_values.person_key,
        start_values.cohort_start,
        {{ '0' if is_rolling else 'start_values.start_date' }} as day_key,
        start_values.value
    from {{ ref('int_retention_start_values') }} as start_values
    semi join touched_{{ number }} as touched using (person_key)
    where start_values.followed_name = '{{ one.followed_name }}'

),

periods_{{ number }} as (

    select
        person_key,
        cohort_start,
        {% if is_rolling %}
        day_key // {{ rolling_days(interval) }} as period_index,
        {% else %}
        {{ periods_between(interval, 'cohort_start', period_start(interval, 'day_key')) }}
            as period_index,
        {% endif %}
        {% if metric.aggregate == 'unique_days' %}
        count(distinct day_key) as amount
        {% elif metric.aggregate == 'proportion' %}
        1 as amount
        {% else %}
        sum(value) as amount
        {% endif %}
    from amounts_{{ number }}
    group by person_key, cohort_start, period_index

),

sums_{{ number }} as (

    {%- set cap = 1 if metric.aggregate == 'proportion' else metric.cap %}
    select
        cohort_start,
        period_index,
        {% if cap is none %}
        amount as change,
        {% else %}
        least(sum(amount) over so_far, {{ cap }})
        - case
            when row_number() over so_far = 1 then 0
            else least(sum(amount) over before, {{ cap }})
        end as change,
        {% endif %}
        row_number() over so_far = 1 as is_first
    from periods_{{ number }}
    window
        so_far as (
            partition by person_key, cohort_start order by period_index
            rows between unbounded preceding and current row
        ),
        before as (
            partition by person_key, cohort_start order by period_index
            rows between unbounded preceding and 1 preceding
        )

),

{% endfor %}
final as (
    {% for one in followed %}
    {%- set retention = one.retention %}
    {%- set sees_until = cell_sees_until(
        retention.clock, retention.interval, 'cohort_start', 'period_index'
    ) %}
    select
        '{{ one.followed_name }}' as followed_name,
        '{{ retention.retention_name }}' as retention_name,
        '{{ one.metric.metric_name }}' as metric_name,
        cohort_start,
        cast(period_index as bigint) as period_index,
        {{ sees_until }} as sees_until,
        cast(sum(change) as double) as change,
        count(*) filter (where is_first) as new_users
    from sums_{{ loop.index }}
    where
        period_index <= {{ retention.periods }}
        and {{ sees_until }} >= {{ restate_from('followed_metric', one.followed_name) }}
    group by cohort_start, period_index
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        followed_name,
        cast(null as varchar) as retention_name,
        cast(null as varchar) as metric_name,
        cohort_start,
        cast(0 as bigint) as period_index,
        start_date as sees_until,
        cast(0 as double) as change,
        cast(0 as bigint) as new_users
    from {{ ref('int_retention_start_values') }}
    where false
    {% endfor %}

)

select * from final
