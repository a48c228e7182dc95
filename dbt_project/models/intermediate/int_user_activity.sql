{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- What an active day of a person says of the days before it. A run is a stretch of active days
    without a pause of more than 28 days: inside of it any 28 days hold an active one. Only persons
    active in the window are read, with all their days. -#}
{%- set day = restate_from() -%}

with days as (

    select person_key, activity_date
    from {{ ref('int_person_days') }}
    where is_active

),

touched as (

    select distinct person_key
    from days
    where activity_date >= {{ day }}

),

gaps as (

    select
        days.person_key,
        days.activity_date,
        lag(days.activity_date) over person as previous_date,
        days.activity_date - lag(days.activity_date) over person as gap_days
    from days
    semi join touched on days.person_key = touched.person_key
    window person as (partition by days.person_key order by days.activity_date)

),

so_far as (

    select
        person_key,
        activity_date,
        min(activity_date) over person as first_active_date,
        max(case when previous_date is null or gap_days > 28 then activity_date end) over person
            as run_start_date,
        max(case when gap_days > 28 then previous_date end) over person as active_before_run_date,
        count(gap_days) over person as gaps_count,
        quantile_cont(gap_days, 0.5) over person as median_gap_days
    from gaps
    window person as (
        partition by person_key
        order by activity_date
        rows between unbounded preceding and current row
    )

),

with_returns as (

    -- On the day before the person was back, they were away for more than twice their median gap.
    select
        *,
        case
            when
                lag(gaps_count) over person >= 5
                and activity_date - lag(activity_date) over person - 1
                > 2 * lag(median_gap_days) over person
                then activity_date
        end as came_back_date
    from so_far
    window person as (partition by person_key order by activity_date)

),

final as (

    select
        person_key,
        activity_date,
        first_active_date,
        run_start_date,
        active_before_run_date,
        gaps_count,
        cast(median_gap_days as double) as median_gap_days,
        max(came_back_date) over (
            partition by person_key
            order by activity_date
            rows between unbounded preceding and current row
        ) as came_back_date
    from with_returns
    qualify activity_date >= {{ day }}

)

select * from final
