{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until=(
            "case \"interval\" when 'day' then period_start"
            " when 'week' then period_start + 6"
            " else last_day(period_start) end"
        ),
        definition={
            'kind': 'feature',
            'column': "case when subject_kind = 'feature' then subject_name end",
            'where': "subject_kind = 'feature'",
        },
    )
}}

{%- set intervals = reporting_intervals() -%}

with states as (

    select * from {{ ref('int_subject_period_counts') }}

),

active as (

    select
        interval,
        subject_kind,
        subject_name,
        period_start,
        cast(sum(users_count) as bigint) as active_users,
        cast(sum(if(state = 'new', users_count, 0)) as bigint) as new_users,
        cast(sum(if(state = 'retained', users_count, 0)) as bigint) as retained_users,
        cast(sum(if(state = 'resurrected', users_count, 0)) as bigint) as resurrected_users,
        cast(sum(expansion) as bigint) as expansion,
        cast(sum(contraction) as bigint) as contraction
    from states
    group by interval, subject_kind, subject_name, period_start

),

churned as (

    -- Active in the period before and not in this one: a flow, booked on this period.
    select
        interval,
        subject_kind,
        subject_name,
        next_period_start as period_start,
        cast(sum(users_count) as bigint) as churned_users,
        cast(sum(if(state = 'new', users_count, 0)) as bigint) as churned_new_users,
        cast(sum(if(state = 'retained', users_count, 0)) as bigint) as churned_retained_users,
        cast(sum(if(state = 'resurrected', users_count, 0)) as bigint) as churned_resurrected_users
    from states
    where is_last_in_a_row
    group by interval, subject_kind, subject_name, next_period_start

),

subjects as (

    select subject_kind, subject_name, min(first_date) as first_date
    from {{ ref('int_subject_first_days') }}
    group by subject_kind, subject_name

),

spine as (
    {% for interval in intervals %}
    select
        '{{ interval }}' as interval,
        subjects.subject_kind,
        subjects.subject_name,
        cast(periods.period_start as date) as period_start,
        {{ next_period_start(interval, 'cast(periods.period_start as date)') }}
        <= {{ product_date(as_of()) }} as is_complete
    from
        subjects,
        generate_series(
            greatest(
                {{ period_start(interval, 'subjects.first_date') }},
                {{ period_start(interval, subject_restate_from('subjects')) }}
            ),
            {{ last_date() }},
            interval 1 {{ interval }}
        ) as periods (period_start)
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    -- Who has not come yet may still come, and fewer days so far may become more: while a period
    -- is not over, nobody has left it and nobody does less in it.
    select
        spine.subject_kind,
        spine.subject_name,
        spine.interval,
        spine.period_start,
        coalesce(active.active_users, 0) as active_users,
        coalesce(active.new_users, 0) as new_users,
        coalesce(active.retained_users, 0) as retained_users,
        coalesce(active.resurrected_users, 0) as resurrected_users,
        case when spine.is_complete then coalesce(churned.churned_users, 0) end as churned_users,
        case
            when spine.is_complete then coalesce(churned.churned_new_users, 0)
        end as churned_new_users,
        case
            when spine.is_complete then coalesce(churned.churned_retained_users, 0)
        end as churned_retained_users,
        case
            when spine.is_complete then coalesce(churned.churned_resurrected_users, 0)
        end as churned_resurrected_users,
        case
            when spine.is_complete and spine.interval != 'day'
                then cast(coalesce(active.expansion, 0) as bigint)
        end as expansion,
        case
            when spine.is_complete and spine.interval != 'day'
                then cast(coalesce(active.contraction, 0) as bigint)
        end as contraction,
        case
            when spine.is_complete
                then
                    cast(coalesce(active.new_users + active.resurrected_users, 0) as double)
                    / nullif(churned.churned_users, 0)
        end as quick_ratio,
        spine.is_complete
    from spine
    left join active using (interval, subject_kind, subject_name, period_start)
    left join churned using (interval, subject_kind, subject_name, period_start)

)

select * from final
