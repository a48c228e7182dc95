{# One pass over the state of all persons: what depends on as-of is worked out anew each run. #}
with last_days as (

    select
        person_key,
        arg_max(
            {{ packed(user_activity_columns()) }}, activity_date
        ) as last_day
    from {{ ref('int_user_activity') }}
    group by person_key

),

final as (

    select
        persons.user_id,
        {{ user_stage('last_days.last_day', last_date()) }} as stage,
        {{ user_stage_since('last_days.last_day', last_date()) }} as since_date,
        {{ last_date() }} - last_days.last_day.activity_date as days_since_last_active
    from last_days
    inner join {{ ref('int_persons') }} as persons on last_days.person_key = persons.person_key

)

select * from final
