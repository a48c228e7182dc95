{#- Cohorts of events, and those made of them, as intervals: whoever is in at the last instant that
    counts has no left_at yet. Made anew in every run. -#}
{%- set combined = cohorts_made(of_parts=true, rests_on_persona=false) -%}

with changes as (

    select cohort_name, user_id, changed_at, is_inside
    from {{ ref('int_cohort_changes') }}

),

layer_0 as (

    {{ cohort_intervals('changes') }}

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
