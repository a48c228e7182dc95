{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='last_day(cast(period_start + interval 1 month as date))',
        definition={
            'kind': 'feature',
            'column': "case when subject_kind = 'feature' then subject_name end",
            'where': "subject_kind = 'feature'",
        },
    )
}}

{#- A month's row sees the month after it, so the first one replaced is the one before. -#}
{%- set first_month = next_period_start(
    'month', period_start('month', subject_restate_from()), -1
) -%}

with months as (

    select
        subject_kind,
        subject_name,
        user_id,
        {{ period_start('month', 'activity_date') }} as period_start
    from {{ ref('int_subject_user_days') }}
    where activity_date >= {{ first_month }}
    group by subject_kind, subject_name, user_id, {{ period_start('month', 'activity_date') }}

),

followed as (

    select
        *,
        lead(period_start) over (
            partition by subject_kind, subject_name, user_id order by period_start
        ) as next_active_month,
        {{ next_period_start('month', 'period_start') }} as next_month
    from months

),

old_users as (

    select followed.*
    from followed
    inner join {{ ref('int_subject_first_days') }} as first_days
        on followed.subject_kind = first_days.subject_kind
        and followed.subject_name = first_days.subject_name
        and followed.user_id = first_days.user_id
    where first_days.first_date <= followed.period_start - 182

),

counted as (

    select
        subject_kind,
        subject_name,
        period_start,
        count(*) as old_users,
        count(*) filter (where next_active_month = next_month) as surviving_users
    from old_users
    group by subject_kind, subject_name, period_start

),

final as (

    select
        subject_kind,
        subject_name,
        period_start,
        old_users,
        surviving_users,
        cast(surviving_users as double) / old_users as survival_rate,
        {{ next_period_start('month', 'period_start', 2) }} <= {{ product_date(as_of()) }}
            as is_complete
    from counted

)

select * from final
