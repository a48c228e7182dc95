{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='changed_on',
        definition={'kind': 'cohort', 'column': 'cohort_name'},
    )
}}

{#- The instants at which a person enters or leaves a cohort of events. What holds at an instant
    depends on earlier events alone, so that a run finds anew only the instants from its first day
    on: from the events of the window before that day, or from what is kept of the days before. A
    person who left because time went by has left on the day on which it was over. -#}
{%- do restate_from() -%}

-- depends_on: {{ ref('int_events_identified') }}
with nothing as (

    select
        cast(null as varchar) as cohort_name,
        cast(null as varchar) as user_id,
        cast(null as timestamp) as changed_at,
        cast(null as boolean) as is_inside,
        cast(null as bigint) as matches_count,
        cast(null as date) as first_day
    where false

),

{% for cohort in cohorts() if cohort.kind in ['did', 'did_not', 'sequence'] -%}
cohort_{{ cohort.cohort_name }} as (

    {% if cohort.kind == 'did' -%}
    {{ cohort_did(cohort) }}
    {%- elif cohort.kind == 'did_not' -%}
    {{ cohort_did_not(cohort) }}
    {%- else -%}
    {{ cohort_sequence(cohort) }}
    {%- endif %}

),

{% endfor -%}

changes as (

    select * from nothing
    {% for cohort in cohorts() if cohort.kind in ['did', 'did_not', 'sequence'] %}
    union all
    select
        {{ literal(cohort.cohort_name) }} as cohort_name,
        user_id,
        changed_at,
        is_inside,
        matches_count,
        {{ cohort_restate_from(cohort) }} as first_day
    from cohort_{{ cohort.cohort_name }}
    {% endfor %}

),

final as (

    select
        cohort_name,
        user_id,
        changed_at,
        {{ product_date('changed_at') }} as changed_on,
        is_inside,
        matches_count
    from changes
    where changed_at < {{ as_of() }} and {{ product_date('changed_at') }} >= first_day

)

select * from final
