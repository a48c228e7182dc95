{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until="case when features_key = '{{ features_key() }}' then period_start + 6 else date '9999-12-31' end",
    )
}}

{#- Who used a feature in the four weeks ending with a week, and no other feature in them. A row
    depends on what all features are, so all rows are replaced when any of them changed. -#}
{%- set first_week = period_start('week', features_restate_from()) -%}

with weeks as (

    select distinct
        user_id,
        subject_name as feature_name,
        {{ period_start('week', 'activity_date') }} as week_start
    from {{ ref('int_subject_user_days') }}
    where subject_kind = 'feature' and activity_date >= {{ first_week }} - 21

),

windows as (

    select distinct
        weeks.user_id,
        weeks.feature_name,
        weeks.week_start + 7 * ago.weeks_ago as period_start
    from weeks
    cross join (values (0), (1), (2), (3)) as ago (weeks_ago)
    where
        weeks.week_start + 7 * ago.weeks_ago >= {{ first_week }}
        and weeks.week_start + 7 * ago.weeks_ago <= {{ last_date() }}

),

persons as (

    select
        feature_name,
        period_start,
        count(*) over (partition by user_id, period_start) = 1 as is_exclusive
    from windows

)

select
    '{{ features_key() }}' as features_key,
    feature_name,
    period_start,
    count(*) as users_count,
    count(*) filter (where is_exclusive) as exclusive_users
from persons
group by feature_name, period_start
