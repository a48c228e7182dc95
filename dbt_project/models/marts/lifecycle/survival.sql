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
    'month', period_start('month', subject_restate_from('days')), -1
) -%}

with months as (

    -- Who has known the subject for half a year in one month has so in all later ones.
    select
        days.subject_kind,
        days.subject_name,
        days.person_key,
        {{ period_start('month', 'days.activity_date') }} as period_start
    from {{ ref('int_subject_person_days') }} as days
    inner join {{ ref('int_subject_first_days') }} as first_days
        on days.subject_kind = first_days.subject_kind
        and days.subject_name = first_days.subject_name
        and days.person_key = first_days.person_key
    where
        days.activity_date >= {{ first_month }}
        and first_days.first_date <= {{ period_start('month', 'days.activity_date') }} - 182
    group by all

),

old_users as (

    select
        *,
        lead(period_start) over (
            partition by subject_kind, subject_name, person_key order by period_start
        ) as next_active_month,
        {{ next_period_start('month', 'period_start') }} as next_month
    from months

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
