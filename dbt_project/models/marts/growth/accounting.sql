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

    select * from {{ ref('int_subject_period_states') }}

),

active as (

    select
        interval,
        subject_kind,
        subject_name,
        period_start,
        count(*) as active_users,
        count(*) filter (where state = 'new') as new_users,
        count(*) filter (where state = 'retained') as retained_users,
        count(*) filter (where state = 'resurrected') as resurrected_users,
        sum(greatest(active_days_change, 0)) filter (where state = 'retained') as expansion,
        sum(greatest(-active_days_change, 0)) filter (where state = 'retained') as contraction
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
        count(*) as churned_users,
        count(*) filter (where state = 'new') as churned_new_users,
        count(*) filter (where state = 'retained') as churned_retained_users,
        count(*) filter (where state = 'resurrected') as churned_resurrected_users
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
