{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- Rolling windows without joining each day to the 28 before it: a person's active day counts in
    every window of n days that ends on it or later, until the person's next active day takes over
    or the window has moved past. So each (day, days until the next) adds +1 at its day and -1 where
    it stops counting, and a running sum gives the window's distinct users. -#}
{%- set day = restate_from() -%}
{%- set month_days = 28 -%}
{%- set week_days = 7 -%}

with segment_days as (

    select *
    from {{ ref('int_user_segment_days') }}
    where activity_date > {{ day }} - {{ month_days }}

),

active_days as (

    select segment_name, segment_value, user_id, activity_date
    from segment_days
    where is_active

),

spans as (

    select
        segment_name,
        segment_value,
        activity_date,
        cast(
            least(
                coalesce(
                    lead(activity_date) over (
                        partition by segment_name, segment_value, user_id order by activity_date
                    ) - activity_date,
                    {{ month_days }}
                ),
                {{ month_days }}
            ) as integer
        ) as days_until_next
    from active_days

),

span_counts as (

    select segment_name, segment_value, activity_date, days_until_next, count(*) as users_count
    from spans
    group by segment_name, segment_value, activity_date, days_until_next

),

changes as (

    select
        segment_name,
        segment_value,
        activity_date,
        users_count as daily_change,
        users_count as weekly_change,
        users_count as monthly_change
    from span_counts

    union all

    select
        segment_name, segment_value, activity_date + 1, -users_count, 0, 0
    from span_counts

    union all

    select
        segment_name,
        segment_value,
        activity_date + least(days_until_next, {{ week_days }}),
        0,
        -users_count,
        0
    from span_counts

    union all

    select
        segment_name, segment_value, activity_date + days_until_next, 0, 0, -users_count
    from span_counts

),

first_day as (

    select min(activity_date) as first_date from {{ ref('int_user_days') }}

),

day_spine as (

    select cast(generated_day as date) as activity_date
    from
        first_day,
        generate_series(
            greatest(first_day.first_date, {{ day }} - {{ month_days - 1 }}),
            {{ last_date() }},
            interval 1 day
        ) as days (generated_day)

),

grid as (

    select
        segment_values.segment_name,
        segment_values.segment_value,
        day_spine.activity_date
    from {{ ref('int_segment_values') }} as segment_values
    inner join day_spine on day_spine.activity_date >= segment_values.first_date

),

daily_changes as (

    select
        segment_name,
        segment_value,
        activity_date,
        sum(daily_change) as daily_change,
        sum(weekly_change) as weekly_change,
        sum(monthly_change) as monthly_change
    from changes
    group by segment_name, segment_value, activity_date

),

windows as (

    select
        grid.segment_name,
        grid.segment_value,
        grid.activity_date,
        coalesce(sum(daily_changes.daily_change) over so_far, 0) as daily_active_users,
        coalesce(sum(daily_changes.weekly_change) over so_far, 0) as weekly_active_users,
        coalesce(sum(daily_changes.monthly_change) over so_far, 0) as monthly_active_users
    from grid
    left join daily_changes
        on grid.segment_name = daily_changes.segment_name
        and grid.segment_value = daily_changes.segment_value
        and grid.activity_date = daily_changes.activity_date
    window so_far as (
        partition by grid.segment_name, grid.segment_value
        order by grid.activity_date
        rows between unbounded preceding and current row
    )

),

daily_means as (

    select
        *,
        case
            when activity_date >= (select first_date from first_day) + {{ month_days - 1 }}
                then sum(daily_active_users) over (
                    partition by segment_name, segment_value
                    order by activity_date
                    rows between {{ month_days - 1 }} preceding and current row
                ) / {{ month_days }}.0
        end as mean_daily_active_users
    from windows

),

day_totals as (

    select
        segment_name,
        segment_value,
        activity_date,
        sum(events_count) as events_count
    from segment_days
    where activity_date >= {{ day }}
    group by segment_name, segment_value, activity_date

),

new_users as (

    select segment_name, segment_value, first_date as activity_date, count(*) as new_users
    from {{ ref('int_new_users') }}
    where first_date >= {{ day }}
    group by segment_name, segment_value, first_date

),

sessions as (
    {% for segment in each_segment() %}
    select
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        session_date as activity_date,
        count(*) as sessions_count
    from {{ ref('int_sessions') }}
    where session_date >= {{ day }}
    group by {{ segment.value }}, session_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        daily_means.activity_date,
        daily_means.segment_name,
        daily_means.segment_value,
        cast(daily_means.daily_active_users as bigint) as daily_active_users,
        cast(daily_means.weekly_active_users as bigint) as weekly_active_users,
        cast(daily_means.monthly_active_users as bigint) as monthly_active_users,
        coalesce(new_users.new_users, 0) as new_users,
        coalesce(sessions.sessions_count, 0) as sessions_count,
        cast(coalesce(day_totals.events_count, 0) as bigint) as events_count,
        cast(
            daily_means.mean_daily_active_users / nullif(daily_means.monthly_active_users, 0)
            as double
        ) as stickiness_rate
    from daily_means
    left join day_totals using (segment_name, segment_value, activity_date)
    left join new_users using (segment_name, segment_value, activity_date)
    left join sessions using (segment_name, segment_value, activity_date)
    where daily_means.activity_date >= {{ day }}

)

select * from final
