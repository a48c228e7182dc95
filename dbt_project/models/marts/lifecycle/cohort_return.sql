{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='period_start + 34',
        definition={
            'kind': 'feature',
            'column': "case when subject_kind = 'feature' then subject_name end",
            'where': "subject_kind = 'feature'",
        },
    )
}}

{#- A cohort's row sees until the end of its week 4, 34 days after its first day. -#}
{%- set day = subject_restate_from() ~ ' - 34' -%}

with first_weeks as (

    select
        subject_kind,
        subject_name,
        person_key,
        {{ period_start('week', 'first_date') }} as period_start
    from {{ ref('int_subject_first_days') }}
    where {{ period_start('week', 'first_date') }} >= {{ day }}

),

week_4 as (

    select distinct
        first_weeks.subject_kind,
        first_weeks.subject_name,
        first_weeks.person_key
    from first_weeks
    inner join {{ ref('int_subject_person_days') }} as days
        on first_weeks.subject_kind = days.subject_kind
        and first_weeks.subject_name = days.subject_name
        and first_weeks.person_key = days.person_key
        and days.activity_date >= first_weeks.period_start + 28
        and days.activity_date <= first_weeks.period_start + 34

),

counted as (

    select
        first_weeks.subject_kind,
        first_weeks.subject_name,
        first_weeks.period_start,
        count(*) as cohort_users,
        count(week_4.person_key) as week_4_users
    from first_weeks
    left join week_4
        on first_weeks.subject_kind = week_4.subject_kind
        and first_weeks.subject_name = week_4.subject_name
        and first_weeks.person_key = week_4.person_key
    group by first_weeks.subject_kind, first_weeks.subject_name, first_weeks.period_start

),

final as (

    select
        subject_kind,
        subject_name,
        period_start,
        cohort_users,
        week_4_users,
        cast(week_4_users as double) / cohort_users as week_4_rate,
        period_start + 35 <= {{ product_date(as_of()) }} as is_complete
    from counted

)

select * from final
