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

gaps_of_persons as (

    select
        person_key,
        list(gap_days order by activity_date) filter (where gap_days is not null) as gaps
    from gaps
    group by person_key

),

so_far as (

    select
        person_key,
        activity_date,
        gap_days,
        min(activity_date) over person as first_active_date,
        max(case when previous_date is null or gap_days > 28 then activity_date end) over person
            as run_start_date,
        max(case when gap_days > 28 then previous_date end) over person as active_before_run_date,
        count(gap_days) over person as gaps_count,
        lead(activity_date) over (partition by person_key order by activity_date) as next_date
    from gaps
    window person as (
        partition by person_key
        order by activity_date
        rows between unbounded preceding and current row
    )

),

with_medians as (

    -- Of the days of the window and the one before them: the median of a part of a person's gaps,
    -- where that of a growing frame would have to be found from a person's first day on.
    select
        so_far.*,
        list_aggregate(
            list_slice(gaps_of_persons.gaps, 1, so_far.gaps_count), 'quantile_cont', 0.5
        ) as median_gap_days
    from so_far
    inner join gaps_of_persons on so_far.person_key = gaps_of_persons.person_key
    where greatest(so_far.activity_date, so_far.next_date) >= {{ day }}

),

with_returns as (

    -- On the day before the person was back, they were away for more than twice their median gap.
    select
        *,
        case
            when
                lag(gaps_count) over person >= 5
                and gap_days - 1 > 2 * lag(median_gap_days) over person
                then activity_date
        end as came_back_date
    from with_medians
    window person as (partition by person_key order by activity_date)

),

known as (
    {% if is_incremental() %}
    select person_key, max(came_back_date) as came_back_date
    from {{ this }}
    where activity_date < {{ day }}
    group by person_key
    {% else %}
    select person_key, came_back_date
    from with_returns
    where false
    {% endif %}
),

final as (

    select
        with_returns.person_key,
        with_returns.activity_date,
        with_returns.first_active_date,
        with_returns.run_start_date,
        with_returns.active_before_run_date,
        with_returns.gaps_count,
        cast(with_returns.median_gap_days as double) as median_gap_days,
        greatest(
            max(with_returns.came_back_date) over (
                partition by with_returns.person_key
                order by with_returns.activity_date
                rows between unbounded preceding and current row
            ),
            known.came_back_date
        ) as came_back_date
    from with_returns
    left join known on with_returns.person_key = known.person_key
    where with_returns.activity_date >= {{ day }}

)

select * from final
