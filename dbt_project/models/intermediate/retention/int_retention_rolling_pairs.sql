{{ config(materialized='view') }}

{#- As int_retention_calendar_pairs, on the rolling clock: every start opens a clock of its own, and
    a person has come back in a period of a cohort when they have on one of its clocks. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_retention_starts') }}
-- depends_on: {{ ref('int_retention_returns') }}
{% set chosen = retentions() | selectattr('clock', 'equalto', 'rolling') | list %}

with
{% for retention in chosen %}
{%- set number = loop.index -%}
{%- set interval = retention.interval -%}
{%- set day = restate_from('retention', retention.retention_name) -%}
{#- A cell sees at most this many days beyond a return that it counts. -#}
{%- set reach = {'day': 2, 'week': 14, 'month': 61}[interval] -%}
returns_{{ number }} as (

    select
        person_key,
        return_date,
        returned_at
    from {{ ref('int_retention_returns') }}
    where retention_name = '{{ retention.retention_name }}'

),

touched_{{ number }} as (

    select distinct person_key
    from returns_{{ number }} as returns
    where return_date >= {{ day }} - {{ reach }}

),

starts_{{ number }} as (

    select *
    from {{ ref('int_retention_starts') }}
    semi join touched_{{ number }} as touched using (person_key)
    where retention_name = '{{ retention.retention_name }}'

),

clock_periods_{{ number }} as (

    select
        starts.person_key,
        starts.cohort_start,
        {{ rolling_period(interval, 'starts.started_at', 'returns.returned_at') }} as period_index
    from starts_{{ number }} as starts
    inner join returns_{{ number }} as returns
        on starts.person_key = returns.person_key
        and starts.started_at < returns.returned_at
    group by starts.person_key, starts.cohort_start, starts.started_at, period_index
    having count(*) >= {{ retention.at_least }}

),

user_periods_{{ number }} as (

    select distinct person_key, cohort_start, period_index
    from clock_periods_{{ number }} as clock_periods

),

neighbours_{{ number }} as (

    select
        *,
        coalesce(
            lag(period_index) over (
                partition by person_key, cohort_start order by period_index
            ),
            -1
        ) as previous_index,
        {{ cell_sees_until('rolling', interval, 'cohort_start', 'period_index') }} as sees_until
    from user_periods_{{ number }} as user_periods

),

{% endfor %}
final as (
    {% for retention in chosen %}
    {%- set number = loop.index -%}
    {%- set interval = retention.interval -%}
    {%- set day = restate_from('retention', retention.retention_name) %}
    select
        {{ retention_key_of(literal(retention.retention_name)) }} as retention_key,
        starts.person_key,
        starts.cohort_start,
        starts.combination_key,
        cast(neighbours.period_index as integer) as period_index,
        cast(neighbours.previous_index as integer) as previous_index,
        neighbours.sees_until
    from neighbours_{{ number }} as neighbours
    inner join starts_{{ number }} as starts
        on neighbours.person_key = starts.person_key
        and neighbours.cohort_start = starts.cohort_start
        and starts.is_cohort_start
    where
        neighbours.previous_index < {{ retention.periods }}
        and neighbours.sees_until >= {{ day }}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(0 as tinyint) as retention_key,
        person_key,
        cohort_start,
        combination_key,
        0 as period_index,
        0 as previous_index,
        start_date as sees_until
    from {{ ref('int_retention_starts') }}
    where false
    {% endfor %}

)

select * from final
