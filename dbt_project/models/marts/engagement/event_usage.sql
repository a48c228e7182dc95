{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date',
    )
}}

{#- A person has one row per day, event name and combination of segment values. Where a person's day
    has one combination, rows are people and are counted as they are; only on the few other days
    must people be told apart, which is several times as dear. -#}
{%- set day = restate_from() -%}

with event_days as (

    select
        person_key,
        activity_date,
        kind_key,
        events_count
    from {{ ref('int_person_event_days') }}
    where activity_date >= {{ day }}

),

mixed_days as (

    select person_key, activity_date
    from {{ ref('int_person_days') }}
    where activity_date >= {{ day }} and combinations_count > 1

),

plain as (

    select
        event_days.activity_date,
        event_days.kind_key,
        count(*) as users_count,
        sum(event_days.events_count) as events_count
    from event_days
    anti join mixed_days
        on event_days.person_key = mixed_days.person_key
        and event_days.activity_date = mixed_days.activity_date
    group by event_days.activity_date, event_days.kind_key

),

mixed as (

    select event_days.*
    from event_days
    semi join mixed_days
        on event_days.person_key = mixed_days.person_key
        and event_days.activity_date = mixed_days.activity_date

),

parts as (
    {% for segment in each_segment() %}
    select
        plain.activity_date,
        kinds.event_name,
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        plain.users_count,
        plain.events_count
    from plain
    inner join {{ ref('int_event_kinds') }} as kinds on plain.kind_key = kinds.kind_key

    union all

    select
        mixed.activity_date,
        kinds.event_name,
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        count(distinct mixed.person_key) as users_count,
        sum(mixed.events_count) as events_count
    from mixed
    inner join {{ ref('int_event_kinds') }} as kinds on mixed.kind_key = kinds.kind_key
    group by mixed.activity_date, kinds.event_name, {{ segment.value }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        activity_date,
        event_name,
        segment_name,
        segment_value,
        cast(sum(users_count) as bigint) as users_count,
        cast(sum(events_count) as bigint) as events_count,
        cast(sum(events_count) as double) / cast(sum(users_count) as double) as events_per_user
    from parts
    group by activity_date, event_name, segment_name, segment_value

)

select * from final
