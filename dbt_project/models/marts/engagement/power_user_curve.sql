{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='as_of_date',
    )
}}

{#- How many people were active on how many days of the 7 and the 28 days that end with each week:
    L7 and L28. 28 days are four whole weeks, so a person's active days are summed per week once, and
    each week's sum counts in the four windows that hold it. -#}
{%- set day = restate_from() -%}
{%- set windows = power_user_windows() -%}
{%- set longest = windows | max -%}

with first_day as (

    select min(activity_date) as first_date
    from {{ ref('int_person_days') }}
    having count(*) > 0

),

person_weeks as (

    select
        person_key,
        {{ period_start('week', 'activity_date') }} + 6 as week_end,
        count(*) as active_days
    from {{ ref('int_person_days') }}
    where is_active and activity_date > {{ period_start('week', day) }} + 6 - {{ longest }}
    group by person_key, {{ period_start('week', 'activity_date') }}

),

person_windows as (
    {% for window_days in windows %}
    select
        {{ window_days }} as window_days,
        person_weeks.week_end + cast(later.days as integer) as as_of_date,
        person_weeks.person_key,
        cast(sum(person_weeks.active_days) as bigint) as active_days
    from person_weeks
    cross join range(0, {{ window_days }}, 7) as later (days)
    group by person_weeks.week_end + cast(later.days as integer), person_weeks.person_key
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

histogram as (

    select as_of_date, window_days, active_days, count(*) as users_count
    from person_windows
    group by as_of_date, window_days, active_days

),

week_ends as (

    select
        first_day.first_date,
        cast(generated_week as date) + 6 as as_of_date
    from
        first_day,
        generate_series(
            greatest(
                {{ period_start('week', 'first_day.first_date') }},
                {{ period_start('week', day) }}
            ),
            {{ last_date() }} - 6,
            interval 7 day
        ) as weeks (generated_week)

),

bins as (
    {% for window_days in windows %}
    select
        week_ends.as_of_date,
        {{ window_days }} as window_days,
        bins.active_days,
        week_ends.as_of_date - {{ window_days - 1 }} >= week_ends.first_date as is_complete
    from week_ends
    cross join range(1, {{ window_days + 1 }}) as bins (active_days)
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counts as (

    select
        bins.as_of_date,
        cast(bins.window_days as bigint) as window_days,
        cast(bins.active_days as bigint) as active_days,
        coalesce(histogram.users_count, 0) as users_count,
        bins.is_complete
    from bins
    left join histogram using (as_of_date, window_days, active_days)

)

select
    as_of_date,
    window_days,
    active_days,
    users_count,
    users_count / nullif(sum(users_count) over (partition by as_of_date, window_days), 0)
        as users_rate,
    is_complete
from counts
