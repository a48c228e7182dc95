{{ config(materialized='view') }}

{#- A person in a cohort and a period in which they came back, with the one of that cohort before
    it. Where both the period and the one before lie beyond the last that is followed, a pair tells
    nothing new and is left out. Only the cells that this run replaces. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_retention_starts') }}
-- depends_on: {{ ref('int_retention_returns') }}
{% set chosen = retentions() | selectattr('clock', 'equalto', 'calendar') | list %}

with
{% for retention in chosen %}
{%- set number = loop.index -%}
{%- set interval = retention.interval -%}
{%- set day = period_start(interval, restate_from('retention', retention.retention_name)) -%}
returns_{{ number }} as (

    select
        person_key,
        return_date,
        returned_at
    from {{ ref('int_retention_returns') }}
    where retention_name = '{{ retention.retention_name }}'

),

touched_{{ number }} as (

    -- Who returned in the window, and the last period before it in which they did, if one return
    -- is enough: no earlier one stands before any of the window's.
    select
        person_key,
        {% if retention.at_least == 1 %}
        {{ period_start(interval, 'max(case when return_date < ' ~ day ~ ' then return_date end)') }}
        {%- else %}
        cast(null as date)
        {%- endif %} as previous_period
    from returns_{{ number }} as returns
    group by person_key
    having max(return_date) >= {{ day }}

),

return_periods_{{ number }} as (

    {% if interval == 'day' and not return_needs_times(retention) -%}
    -- Returns that the sums of days show are one a day as they are.
    select
        person_key,
        return_date as return_period,
        returned_at as enough_after
    from returns_{{ number }} as returns
    inner join touched_{{ number }} as touched using (person_key)
    where return_date >= coalesce(touched.previous_period, date '0001-01-01')
    {%- else -%}
    -- Whoever starts before the last return of the period that is needed has enough of them.
    select
        person_key,
        {{ period_start(interval, 'return_date') }} as return_period,
        {% if retention.at_least == 1 %}
        max(returned_at) as enough_after
        {% else %}
        max(returned_at, {{ retention.at_least }})[{{ retention.at_least }}] as enough_after
        {% endif %}
    from returns_{{ number }} as returns
    inner join touched_{{ number }} as touched using (person_key)
    where return_date >= coalesce(touched.previous_period, date '0001-01-01')
    group by person_key, {{ period_start(interval, 'return_date') }}
    having count(*) >= {{ retention.at_least }}
    {%- endif %}

),

neighbours_{{ number }} as (

    -- Of the cohorts up to beyond_reach also the return before lies beyond what is followed.
    select
        *,
        lag(return_period) over person as previous_period,
        lag(enough_after) over person as previous_enough_after,
        coalesce(
            {{ next_period_start(interval, 'previous_period', -retention.periods) }},
            date '0001-01-01'
        ) as beyond_reach
    from return_periods_{{ number }} as return_periods
    window person as (partition by person_key order by return_period)

),

pairs_{{ number }} as (

    select
        starts.person_key,
        starts.cohort_start,
        starts.combination_key,
        {{ periods_between(interval, 'starts.cohort_start', 'neighbours.return_period') }}
            as period_index,
        case
            when neighbours.previous_period > starts.cohort_start
                then {{ periods_between(interval, 'starts.cohort_start', 'neighbours.previous_period') }}
            when
                neighbours.previous_period = starts.cohort_start
                and neighbours.previous_enough_after > starts.started_at
                then 0
            else -1
        end as previous_index
    from {{ ref('int_retention_starts') }} as starts
    inner join neighbours_{{ number }} as neighbours
        on starts.person_key = neighbours.person_key
        and starts.cohort_start > neighbours.beyond_reach
        and starts.cohort_start <= neighbours.return_period
        and (
            starts.cohort_start < neighbours.return_period
            or starts.started_at < neighbours.enough_after
        )
    where
        starts.retention_name = '{{ retention.retention_name }}'
        and neighbours.return_period >= {{ day }}

),

{% endfor %}
final as (
    {% for retention in chosen %}
    {%- set number = loop.index -%}
    {%- set interval = retention.interval %}
    select
        {{ retention_key_of(literal(retention.retention_name)) }} as retention_key,
        person_key,
        cohort_start,
        combination_key,
        cast(period_index as integer) as period_index,
        cast(previous_index as integer) as previous_index,
        {{ cell_sees_until('calendar', interval, 'cohort_start', 'period_index') }} as sees_until
    from pairs_{{ number }}
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
