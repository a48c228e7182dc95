{# One pass over the state of all persons: what depends on as-of is worked out anew each run. #}
with persons as (

    select *
    from {{ ref('int_users') }}
    where events_count > 0

),

last_28_days as (

    select person_key, count(*) as active_days_last_28
    from {{ ref('int_person_days') }}
    where is_active and activity_date > {{ last_date() }} - 28
    group by person_key

),

totals as (

    select
        persons.user_id,
        persons.first_seen_at,
        persons.last_seen_at,
        not starts_with(persons.user_id, 'device:') as is_identified,
        persons.events_count,
        persons.sessions_count,
        persons.active_days_count,
        coalesce(last_28_days.active_days_last_28, 0) as active_days_last_28
    from persons
    left join last_28_days on persons.person_key = last_28_days.person_key

),

final as (

    select
        *,
        {{ persona_of() }} as persona
    from totals

)

select * from final
