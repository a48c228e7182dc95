{#- All cohorts: to those of events come those of personas and those made of such. -#}
{%- set of_personas = cohorts_made(of_parts=false, rests_on_persona=true) -%}
{%- set combined = cohorts_made(of_parts=true, rests_on_persona=true) -%}

with memberships as (

    select * from {{ ref('int_cohort_memberships') }}

),

personas as (

    select
        user_id,
        persona,
        valid_from as entered_at,
        case when valid_to < {{ as_of() }} then valid_to end as left_at
    from {{ ref('int_user_personas') }}
    where valid_from < {{ as_of() }}

),

layer_0 as (

    select cohort_name, user_id, entered_at, left_at
    from memberships
    {% for cohort in of_personas %}
    union all
    select {{ literal(cohort.cohort_name) }}, user_id, entered_at, left_at
    from personas
    where persona = {{ literal(cohort.persona) }}
    {% endfor %}

),

{% for cohort in combined -%}
layer_{{ loop.index }} as (

    select * from layer_{{ loop.index0 }}
    union all
    select * from ({{ cohort_of_parts(cohort, 'layer_' ~ loop.index0) }}) as parts

),

{% endfor -%}

final as (

    select * from layer_{{ combined | length }}

)

select * from final
