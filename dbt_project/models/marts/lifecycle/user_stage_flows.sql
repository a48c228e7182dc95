{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='week_start + 6',
    )
}}

{#- Stages at the end of a week against those at the end of the week before. Who was last active
    more than 34 days before a week's end is dormant at both ends: only their number is needed. -#}
{%- set first_week = period_start('week', restate_from()) -%}

with first_dates as (

    select first_date, count(*) as users_count
    from {{ ref('int_subject_first_days') }}
    where subject_kind = 'product'
    group by first_date

),

first_weeks as (

    select
        greatest(
            {{ first_week }}, {{ period_start('week', 'min(first_date)') }}
        ) as first_week
    from first_dates

),

weeks as (

    select cast(generated_week as date) as week_start
    from
        first_weeks,
        generate_series(
            first_weeks.first_week, {{ product_date(as_of()) }} - 7, interval 7 day
        ) as weeks (generated_week)

),

known_users as (

    -- Those who had been active before each complete week.
    select weeks.week_start, coalesce(sum(first_dates.users_count), 0) as users_count
    from weeks
    left join first_dates on weeks.week_start > first_dates.first_date
    group by weeks.week_start

),

person_weeks as (

    select
        person_key,
        {{ period_start('week', 'activity_date') }} as active_week,
        arg_max({{ packed(user_activity_columns()) }}, activity_date) as last_day
    from {{ ref('int_user_activity') }}
    where activity_date >= {{ first_week }} - 28
    group by person_key, {{ period_start('week', 'activity_date') }}

),

neighbours as (

    select
        *,
        lag(last_day) over (partition by person_key order by active_week) as day_before,
        lead(active_week) over (partition by person_key order by active_week) as next_active_week
    from person_weeks

),

week_ends as (

    select
        neighbours.active_week + 7 * later.weeks_later as week_start,
        neighbours.active_week + 7 * later.weeks_later + 6 as last_day_of_week,
        neighbours.last_day as this_week,
        case when later.weeks_later = 0 then neighbours.day_before else neighbours.last_day end
            as week_before
    from neighbours
    cross join (values (0), (1), (2), (3), (4)) as later (weeks_later)
    where
        neighbours.active_week + 7 * later.weeks_later >= {{ first_week }}
        and neighbours.active_week + 7 * later.weeks_later + 7 <= {{ product_date(as_of()) }}
        and neighbours.active_week + 7 * later.weeks_later
        < coalesce(neighbours.next_active_week, date '9999-12-31')

),

seen as (

    select
        week_start,
        case
            when week_before is not null
                then {{ user_stage('week_before', 'last_day_of_week - 7') }}
            when this_week.first_active_date < week_start then 'dormant'
            else '(none)'
        end as from_stage,
        {{ user_stage('this_week', 'last_day_of_week') }} as to_stage,
        count(*) as users_count
    from week_ends
    group by all

),

unseen as (

    select
        known_users.week_start,
        'dormant' as from_stage,
        'dormant' as to_stage,
        known_users.users_count
        - coalesce(sum(seen.users_count) filter (where seen.from_stage != '(none)'), 0)
            as users_count
    from known_users
    left join seen on known_users.week_start = seen.week_start
    group by known_users.week_start, known_users.users_count

),

final as (

    select week_start, from_stage, to_stage, cast(sum(users_count) as bigint) as users_count
    from (
        select * from seen
        union all
        select * from unseen
    ) as flows
    group by week_start, from_stage, to_stage
    having sum(users_count) > 0

)

select * from final
