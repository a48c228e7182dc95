{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='start_date',
        definition={'kind': 'retention', 'column': 'retention_name'},
    )
}}

{#- What puts users into cohorts. A row uses nothing later than its own start, and the first start
    stays the first however many follow: so rows from before the window are known, and only what
    they do not know yet is looked for since then. -#}
-- depends_on: {{ ref('int_run_window') }}
-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_user_event_days') }}
{% set segment_names = segment_columns() -%}
{%- set all_retentions = retentions() -%}
{%- set timed = [] -%}
{%- set days = [] -%}
{%- for retention in all_retentions if start_needs_times(retention) -%}
    {%- do timed.append(retention) -%}
    {%- do days.append(restate_from('retention', retention.retention_name)) -%}
{%- endfor %}

with
{% if timed %}
events as (

    select
        user_id,
        event_date,
        event_name,
        event_at,
        {{ comma_columns(segment_names) }}
        {% for retention in timed %}
        ({{ event_matches(retention.start_event, retention.start_where) }})
            as is_start_of_{{ retention.retention_name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_events_segmented') }}
    where
        {{ events_since('least(' ~ days | join(', ') ~ ')') }}
        and (
            {% for retention in timed %}
            ({{ event_matches(retention.start_event, retention.start_where) }})
            {{ 'or' if not loop.last }}
            {% endfor %}
        )

),
{% endif %}
candidates as (
    {% for retention in all_retentions %}
    {% set is_timed = start_needs_times(retention) %}
    {% set at = 'event_at' if is_timed else 'first_event_at' %}
    {% set date = 'event_date' if is_timed else 'activity_date' %}
    {% set day = restate_from('retention', retention.retention_name) %}
    select
        '{{ retention.retention_name }}' as retention_name,
        {{ retention.is_first_time | string | lower }} as is_first_time,
        {{ (retention.clock == 'rolling') | string | lower }} as keeps_all,
        user_id,
        {{ period_start(retention.interval, 'min(' ~ date ~ ')') }} as cohort_start,
        min({{ date }}) as start_date,
        {% for segment in segment_names %}
        arg_min({{ segment }}, ({{ at }}, event_name, {{ segment }})) as {{ segment }},
        {% endfor %}
        min({{ at }}) as started_at
    {% if is_timed %}
    from events
    where is_start_of_{{ retention.retention_name }} and event_date >= {{ day }}
    {% else %}
    from {{ ref('int_user_event_days') }}
    where activity_date >= {{ day }} and {{ event_matches(retention.start_event) }}
    {% endif %}
    group by
        user_id
        {% if not retention.is_first_time and retention.clock == 'rolling' %}
        , {{ product_hour('event_at') }}
        {% elif not retention.is_first_time %}
        , {{ period_start(retention.interval, date) }}
        {% endif %}
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        cast(null as varchar) as retention_name,
        false as is_first_time,
        false as keeps_all,
        user_id,
        activity_date as cohort_start,
        activity_date as start_date,
        {{ comma_columns(segment_names) }}
        first_event_at as started_at
    from {{ ref('int_user_event_days') }}
    where false
    {% endfor %}

),

known as (
    {% if is_incremental() %}
    select retention_name, user_id, cohort_start
    from {{ this }}
    where start_date < {{ restate_from('retention', column='retention_name') }}
    {% else %}
    select retention_name, user_id, cohort_start
    from candidates
    where false
    {% endif %}
),

known_users as (

    select distinct retention_name, user_id from known

),

known_cohorts as (

    select distinct retention_name, user_id, cohort_start from known

),

final as (

    -- A user's first start ever; else the first in each cohort, on the rolling clock every one.
    select
        candidates.* exclude (is_first_time, keeps_all),
        known_cohorts.user_id is null
        and candidates.started_at = min(candidates.started_at) over (
            partition by candidates.retention_name, candidates.user_id, candidates.cohort_start
        ) as is_cohort_start
    from candidates
    left join known_users
        on candidates.retention_name = known_users.retention_name
        and candidates.user_id = known_users.user_id
    left join known_cohorts
        on candidates.retention_name = known_cohorts.retention_name
        and candidates.user_id = known_cohorts.user_id
        and candidates.cohort_start = known_cohorts.cohort_start
    where
        case
            when candidates.is_first_time then known_users.user_id is null
            else candidates.keeps_all or known_cohorts.user_id is null
        end

)

select * from final
