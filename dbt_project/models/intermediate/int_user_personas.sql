{{ config(materialized='view') }}

{#- Which persona a person had from when to when. What a day changed holds from its end on: at any
    instant the persona tells of the days before it and never of what came later. -#}

with changes as (

    select
        user_id,
        persona,
        {{ day_start('(state_date + 1)') }} as valid_from
    from {{ ref('int_user_persona_changes') }}

)

select
    user_id,
    persona,
    valid_from,
    lead(valid_from) over (partition by user_id order by valid_from) as valid_to
from changes
