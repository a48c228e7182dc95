{# One pass over the state of all persons: what depends on as-of is worked out anew each run. #}
with last_days as (

    select
        user_id,
        arg_max(
            {{ packed(user_activity_columns()) }}, activity_date
        ) as last_day
    from {{ ref('int_user_activity') }}
    group by user_id

),

final as (

    select
        user_id,
        {{ user_stage('last_day', last_date()) }} as stage,
        {{ user_stage_since('last_day', last_date()) }} as since_date,
        {{ last_date() }} - last_day.activity_date as days_since_last_active
    from last_days

)

select * from final
