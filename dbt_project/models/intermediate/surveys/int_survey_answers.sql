{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
        definition={'kind': 'survey', 'column': 'survey_name'},
    )
}}

{#- Every answer on the question's scale, as it was given: one person may answer again. -#}
{%- do restate_from('survey') -%} {#- For the parser: without definitions nothing asks. -#}

-- depends_on: {{ ref('int_events_segmented') }}
-- depends_on: {{ ref('int_run_window') }}
with answers as (
    {% for survey in surveys() %}
    select
        {{ literal(survey.survey_name) }} as survey_name,
        user_id,
        event_id,
        event_at as answered_at,
        event_date as activity_date,
        cast({{ survey.score }} as double) as score
    from {{ ref('int_events_segmented') }}
    where
        {{ events_since(restate_from('survey', survey.survey_name)) }}
        and {{ event_matches(survey.event, survey.condition) }}
        and cast({{ survey.score }} as double)
        between {{ score_bounds(survey.kind)[0] }} and {{ score_bounds(survey.kind)[1] }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as survey_name,
        cast(null as varchar) as user_id,
        cast(null as varchar) as event_id,
        cast(null as timestamp) as answered_at,
        cast(null as date) as activity_date,
        cast(null as double) as score
    where false
    {%- endfor %}

)

select * from answers
