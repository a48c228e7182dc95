{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until=(
            "case \"interval\" when 'week' then period_start + 6 else last_day(period_start) end"
        ),
    )
}}

{#- Active people per calendar week and month. Where a person's period has one combination of
    segment values, rows are people and are counted as they are; only in the few other periods must
    people be told apart, which is several times as dear. -#}
{%- set intervals = ['week', 'month'] -%}
{%- set day = restate_from() -%}

with person_periods as (
    {% for interval in intervals %}
    select
        '{{ interval }}' as interval,
        {{ period_start(interval, 'activity_date') }} as period_start,
        person_key,
        min(combination_key) as first_key,
        max(combination_key) as last_key
    from {{ ref('int_person_combination_days') }}
    where is_active and activity_date >= {{ period_start(interval, day) }}
    group by person_key, {{ period_start(interval, 'activity_date') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

mixed as (
    {% for interval in intervals %}
    select periods.interval, periods.period_start, days.person_key, days.combination_key
    from {{ ref('int_person_combination_days') }} as days
    inner join person_periods as periods
        on days.person_key = periods.person_key
        and {{ period_start(interval, 'days.activity_date') }} = periods.period_start
    where
        days.is_active
        and periods.interval = '{{ interval }}'
        and periods.first_key != periods.last_key
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

plain as (

    select interval, period_start, first_key as combination_key, count(*) as users_count
    from person_periods
    where first_key = last_key
    group by interval, period_start, first_key

),

parts as (

    select
        plain.interval,
        plain.period_start,
        segment_values.segment_name,
        segment_values.segment_value,
        plain.users_count
    from plain
    inner join {{ ref('int_combination_segments') }} as segment_values
        on plain.combination_key = segment_values.combination_key

    union all

    select
        mixed.interval,
        mixed.period_start,
        segment_values.segment_name,
        segment_values.segment_value,
        count(distinct mixed.person_key) as users_count
    from mixed
    inner join {{ ref('int_combination_segments') }} as segment_values
        on mixed.combination_key = segment_values.combination_key
    group by
        mixed.interval,
        mixed.period_start,
        segment_values.segment_name,
        segment_values.segment_value

),

active as (

    select
        interval,
        period_start,
        segment_name,
        segment_value,
        cast(sum(users_count) as bigint) as active_users
    from parts
    group by interval, period_start, segment_name, segment_value

),

new_users as (
    {% for interval in intervals %}
    select
        '{{ interval }}' as interval,
        {{ period_start(interval, 'first_date') }} as period_start,
        segment_name,
        segment_value,
        count(*) as new_users
    from {{ ref('int_new_users') }}
    where first_date >= {{ period_start(interval, day) }}
    group by segment_name, segment_value, {{ period_start(interval, 'first_date') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

spine as (
    {% for interval in intervals %}
    select
        '{{ interval }}' as interval,
        segment_values.segment_name,
        segment_values.segment_value,
        cast(periods.period_start as date) as period_start,
        {{ next_period_start(interval, 'cast(periods.period_start as date)') }} as next_period_start
    from
        {{ ref('int_segment_values') }} as segment_values,
        generate_series(
            greatest(
                {{ period_start(interval, 'segment_values.first_date') }},
                {{ period_start(interval, day) }}
            ),
            {{ last_date() }},
            interval 1 {{ interval }}
        ) as periods (period_start)
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        spine.interval,
        spine.period_start,
        spine.segment_name,
        spine.segment_value,
        coalesce(active.active_users, 0) as active_users,
        coalesce(new_users.new_users, 0) as new_users,
        spine.next_period_start <= {{ product_date(as_of()) }} as is_complete
    from spine
    left join active using (interval, period_start, segment_name, segment_value)
    left join new_users using (interval, period_start, segment_name, segment_value)

)

select * from final
