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
        person_key,
        feature_name,
        {{ period_start('week', 'activity_date') }} as week_start
    from {{ ref('int_feature_person_days') }}
    where activity_date >= {{ first_week }} - 21

),

features as (

    select feature_name, cast(row_number() over (order by feature_name) as integer) as feature_key
    from (select distinct feature_name from weeks) as names

),

windows as (

    select distinct
        weeks.person_key,
        features.feature_key,
        weeks.week_start + 7 * ago.weeks_ago as period_start
    from weeks
    inner join features on weeks.feature_name = features.feature_name
    cross join (values (0), (1), (2), (3)) as ago (weeks_ago)
    where
        weeks.week_start + 7 * ago.weeks_ago >= {{ first_week }}
        and weeks.week_start + 7 * ago.weeks_ago <= {{ last_date() }}

),

users as (

    select feature_key, period_start, count(*) as users_count
    from windows
    group by feature_key, period_start

),

exclusive as (

    select only_key as feature_key, period_start, count(*) as exclusive_users
    from (
        select period_start, min(feature_key) as only_key
        from windows
        group by person_key, period_start
        having count(*) = 1
    ) as persons
    group by only_key, period_start

)

select
    '{{ features_key() }}' as features_key,
    features.feature_name,
    users.period_start,
    users.users_count,
    coalesce(exclusive.exclusive_users, 0) as exclusive_users
from users
inner join features on users.feature_key = features.feature_key
left join exclusive
    on users.feature_key = exclusive.feature_key and users.period_start = exclusive.period_start
