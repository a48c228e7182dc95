{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='sees_until',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- How many people of each cohort came back within each bracket, often enough over all of it. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_retention_starts') }}
-- depends_on: {{ ref('int_retention_returns') }}
{% set parts = retention_brackets() -%}

with
{% for retention, bracket in parts %}
{%- set first, last = bracket.first_period, bracket.last_period -%}
{%- set interval = retention.interval -%}
{%- set day = restate_from('retention', retention.retention_name) -%}
bracket_{{ loop.index }} as (

    select
        starts.person_key,
        starts.cohort_start
    from {{ ref('int_retention_starts') }} as starts
    inner join {{ ref('int_retention_returns') }} as returns
        on starts.person_key = returns.person_key
        {% if retention.clock == 'rolling' %}
        and starts.started_at < returns.returned_at
        and {{ rolling_period(interval, 'starts.started_at', 'returns.returned_at') }}
        between {{ first }} and {{ last }}
        {% else %}
        and returns.return_date
        between {{ next_period_start(interval, 'starts.cohort_start', first) }}
        and {{ cell_sees_until('calendar', interval, 'starts.cohort_start', last) }}
        {% endif %}
    where
        starts.retention_name = '{{ retention.retention_name }}'
        and returns.retention_name = '{{ retention.retention_name }}'
        and {{ cell_sees_until(retention.clock, interval, 'starts.cohort_start', last) }} >= {{ day }}
    group by starts.person_key, starts.cohort_start, starts.started_at
    having count(*) >= {{ retention.at_least }}

),
{% endfor %}
final as (
    {% for retention, bracket in parts %}
    {%- set last = bracket.last_period %}
    select
        '{{ retention.retention_name }}' as retention_name,
        '{{ bracket.first_period }}-{{ last }}' as bracket,
        cohort_start,
        combination_key,
        {{ cell_sees_until(retention.clock, retention.interval, 'cohort_start', last) }} as sees_until,
        count(*) as users_count
    from {{ ref('int_retention_starts') }}
    semi join bracket_{{ loop.index }} using (person_key, cohort_start)
    where retention_name = '{{ retention.retention_name }}' and is_cohort_start
    group by all
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as varchar) as retention_name,
        cast(null as varchar) as bracket,
        cohort_start,
        combination_key,
        start_date as sees_until,
        cast(0 as bigint) as users_count
    from {{ ref('int_retention_starts') }}
    where false
    {% endfor %}

)

select * from final
