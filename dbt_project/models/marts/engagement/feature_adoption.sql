{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='period_start + 6',
        definition={'kind': 'feature', 'column': 'feature_name'},
    )
}}

{#- Per feature and week, how many of the week's active people used it, how much, and after how long
    they began. Eligible is who was active in the week; an adopter is one of them, so that a rate
    never exceeds 1 even where a use of the feature makes nobody active. -#}
{%- set earliest = "date '0001-01-01'" if changed_definitions('feature') else restate_from() -%}
{%- set available_from = 'greatest(first_day.first_date, features.available_from)' -%}
{%- set changed_from = restate_from('feature', column='features.feature_name') -%}
{%- set first_week = period_start('week', changed_from) -%}

with feature_events as (

    select feature_name, event_name, cast(launched_on as date) as launched_on
    from {{ definitions_table('features') }}

),

first_dates as (

    select subject_kind, subject_name, person_key, first_date
    from {{ ref('int_subject_first_days') }}

),

features as (

    -- Nobody is eligible before the launch, but for those who used it before it was announced.
    select
        feature_events.feature_name,
        any_value(feature_events.launched_on) as launched_on,
        case
            when any_value(feature_events.launched_on) is not null
                then least(any_value(feature_events.launched_on), min(first_dates.first_date))
        end as available_from
    from feature_events
    left join first_dates
        on feature_events.feature_name = first_dates.subject_name
        and first_dates.subject_kind = 'feature'
    group by feature_events.feature_name

),

active_weeks as (

    select distinct
        person_key,
        {{ period_start('week', 'activity_date') }} as period_start
    from {{ ref('int_person_days') }}
    where is_active and activity_date >= {{ period_start('week', earliest) }}

),

eligible as (

    select period_start, count(*) as eligible_users
    from active_weeks
    group by period_start

),

use_days as (

    select
        features.feature_name,
        {{ period_start('week', 'event_days.activity_date') }} as period_start,
        event_days.activity_date,
        event_days.person_key,
        event_days.events_count
    from {{ ref('int_person_event_days') }} as event_days
    inner join {{ ref('int_event_kinds') }} as kinds on event_days.kind_key = kinds.kind_key
    inner join feature_events as features on kinds.event_name = features.event_name
    where event_days.activity_date >= {{ first_week }}

),

uses as (

    -- A bit for each day of the week: several kinds on one day are one day.
    select
        feature_name,
        period_start,
        person_key,
        sum(events_count) as uses_count,
        bit_count(bit_or(1 << (activity_date - period_start))) as days_count
    from use_days
    group by feature_name, period_start, person_key

),

adopters as (

    select
        uses.*,
        first_uses.first_date >= uses.period_start as is_new,
        greatest(
            first_uses.first_date - greatest(first_active.first_date, features.launched_on), 0
        ) as days_to_adopt
    from uses
    inner join active_weeks
        on uses.person_key = active_weeks.person_key
        and uses.period_start = active_weeks.period_start
    inner join features on uses.feature_name = features.feature_name
    inner join first_dates as first_uses
        on uses.feature_name = first_uses.subject_name
        and first_uses.subject_kind = 'feature'
        and uses.person_key = first_uses.person_key
    inner join first_dates as first_active
        on uses.person_key = first_active.person_key and first_active.subject_kind = 'product'

),

adoption as (

    select
        feature_name,
        period_start,
        count(*) as adopters,
        count(*) filter (where is_new) as new_adopters,
        cast(sum(uses_count) as bigint) as uses_count,
        count(*) filter (where days_count >= 2) as repeat_adopters,
        quantile_cont(days_to_adopt, 0.5) filter (where is_new) as median_days_to_adopt
    from adopters
    group by feature_name, period_start

),

first_day as (

    select min(activity_date) as first_date
    from {{ ref('int_person_days') }}
    having count(*) > 0

),

spine as (

    select
        features.feature_name,
        cast(weeks.period_start as date) as period_start
    from
        features,
        first_day,
        generate_series(
            greatest(
                {{ period_start('week', available_from) }},
                {{ first_week }}
            ),
            {{ last_date() }},
            interval 7 day
        ) as weeks (period_start)

),

final as (

    select
        spine.feature_name,
        spine.period_start,
        coalesce(eligible.eligible_users, 0) as eligible_users,
        coalesce(adoption.adopters, 0) as adopters,
        coalesce(cast(adoption.adopters as double), 0) / eligible.eligible_users as adoption_rate,
        coalesce(adoption.new_adopters, 0) as new_adopters,
        coalesce(adoption.uses_count, 0) as uses_count,
        cast(adoption.uses_count as double) / adoption.adopters as uses_per_adopter,
        cast(adoption.repeat_adopters as double) / adoption.adopters as repeat_adopters_rate,
        cast(adoption.median_days_to_adopt as double) as median_days_to_adopt,
        spine.period_start + 7 <= {{ product_date(as_of()) }} as is_complete
    from spine
    left join eligible on spine.period_start = eligible.period_start
    left join adoption
        on spine.feature_name = adoption.feature_name
        and spine.period_start = adoption.period_start

)

select * from final
