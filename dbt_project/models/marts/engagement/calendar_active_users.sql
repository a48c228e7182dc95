{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until=(
            "case \"interval\" when 'week' then period_start + 6 else last_day(period_start) end"
        ),
    )
}}

{#- Active people per calendar week and month. Of a person's active days with a segment value, the
    first of a period is the one that counts: it has none before it in the same period. -#}
{%- set intervals = ['week', 'month'] -%}
{%- set day = restate_from() -%}

with segment_days as (

    select
        segment_name,
        segment_value,
        activity_date,
        lag(activity_date) over (
            partition by segment_name, segment_value, user_id order by activity_date
        ) as date_before
    from {{ ref('int_user_segment_days') }}
    -- From the first day of the earliest period that is made anew.
    where
        is_active
        and activity_date >= least(
            {%- for interval in intervals %}
            {{ period_start(interval, day) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )

),

active as (
    {% for interval in intervals %}
    select
        '{{ interval }}' as interval,
        {{ period_start(interval, 'activity_date') }} as period_start,
        segment_name,
        segment_value,
        count(*) as active_users
    from segment_days
    where
        activity_date >= {{ period_start(interval, day) }}
        and (date_before is null or date_before < {{ period_start(interval, 'activity_date') }})
    group by segment_name, segment_value, {{ period_start(interval, 'activity_date') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

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
