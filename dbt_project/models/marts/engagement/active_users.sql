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
    it stops counting, and a running sum gives the window's distinct users.

    Most days are followed by one of the same combination of segment values, which tells the next
    day of each value at once. Only where such a run of days ends are the values looked at apart. -#}
{%- set day = restate_from() -%}
{%- set month_days = 28 -%}
{%- set week_days = 7 -%}

with combination_days as not materialized (

    select *
    from {{ ref('int_person_combination_days') }}
    where activity_date > {{ day }} - {{ month_days }}

),

segment_values as (

    -- A number for each segment value: windows over numbers cost a fraction of those over words.
    select
        combination_key,
        segment_name,
        segment_value,
        cast(dense_rank() over (order by segment_name, segment_value) as integer) as value_key
    from {{ ref('int_combination_segments') }}

),

ordered_days as (

    select
        combination_key,
        person_key,
        activity_date,
        coalesce(lag(combination_key) over person != combination_key, true) as is_first_of_run,
        coalesce(lead(combination_key) over person != combination_key, true) as is_last_of_run,
        lead(activity_date) over person - activity_date as days_until_next
    from combination_days
    where is_active
    window person as (partition by person_key order by activity_date, combination_key)

),

spans_inside_runs as (

    -- Where the next day has the same combination, it is the next of each of its values.
    select
        combination_key,
        activity_date,
        least(days_until_next, {{ month_days }}) as days_until_next,
        count(*) as users_count
    from ordered_days
    where not is_last_of_run
    group by all

),

spans_after_runs as (

    -- The next day with a value is then the first of a later run. A person with several
    -- combinations on one day has a span of no days for all but the last.
    select
        segment_values.value_key,
        ordered_days.activity_date,
        ordered_days.is_last_of_run,
        least(
            coalesce(
                lead(ordered_days.activity_date) over (
                    partition by segment_values.value_key, ordered_days.person_key
                    order by ordered_days.activity_date, ordered_days.combination_key
                ) - ordered_days.activity_date,
                {{ month_days }}
            ),
            {{ month_days }}
        ) as days_until_next
    from ordered_days
    inner join segment_values on ordered_days.combination_key = segment_values.combination_key
    where ordered_days.is_first_of_run or ordered_days.is_last_of_run

),

spans as (

    select
        segment_values.value_key,
        spans_inside_runs.activity_date,
        spans_inside_runs.days_until_next,
        spans_inside_runs.users_count
    from spans_inside_runs
    inner join segment_values
        on spans_inside_runs.combination_key = segment_values.combination_key

    union all

    select value_key, activity_date, days_until_next, count(*) as users_count
    from spans_after_runs
    where is_last_of_run
    group by value_key, activity_date, days_until_next

),

value_span_counts as (

    select
        value_key,
        activity_date,
        cast(days_until_next as integer) as days_until_next,
        cast(sum(users_count) as bigint) as users_count
    from spans
    where days_until_next > 0
    group by value_key, activity_date, days_until_next

),

named_values as (

    select distinct value_key, segment_name, segment_value
    from segment_values

),

span_counts as (

    select
        named_values.segment_name,
        named_values.segment_value,
        value_span_counts.activity_date,
        value_span_counts.days_until_next,
        value_span_counts.users_count
    from value_span_counts
    inner join named_values on value_span_counts.value_key = named_values.value_key

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

    select min(first_date) as first_date from {{ ref('int_segment_values') }}

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

combination_totals as (

    select combination_key, activity_date, sum(events_count) as events_count
    from combination_days
    where activity_date >= {{ day }}
    group by combination_key, activity_date

),

day_totals as (

    select
        segment_values.segment_name,
        segment_values.segment_value,
        combination_totals.activity_date,
        sum(combination_totals.events_count) as events_count
    from combination_totals
    inner join segment_values
        on combination_totals.combination_key = segment_values.combination_key
    group by
        segment_values.segment_name,
        segment_values.segment_value,
        combination_totals.activity_date

),

new_users as (

    select segment_name, segment_value, first_date as activity_date, count(*) as new_users
    from {{ ref('int_new_users') }}
    where first_date >= {{ day }}
    group by segment_name, segment_value, first_date

),

session_counts as (

    select kinds.combination_key, sessions.session_date, count(*) as sessions_count
    from {{ ref('int_person_sessions') }} as sessions
    inner join {{ ref('int_event_kinds') }} as kinds on sessions.entry_kind_key = kinds.kind_key
    where sessions.session_date >= {{ day }}
    group by kinds.combination_key, sessions.session_date

),

sessions as (

    select
        segment_values.segment_name,
        segment_values.segment_value,
        session_counts.session_date as activity_date,
        cast(sum(session_counts.sessions_count) as bigint) as sessions_count
    from session_counts
    inner join segment_values on session_counts.combination_key = segment_values.combination_key
    group by
        segment_values.segment_name, segment_values.segment_value, session_counts.session_date

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
