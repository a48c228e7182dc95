{{
    config(
        materialized='incremental',
        incremental_strategy='replace_from',
        sees_until='activity_date + {{ session_reach_days() }}',
    )
}}

{#- A session belongs to the day it started on and can go on into the days after, so the lengths of
    a day see those too. Every date and segment value that active_users has is here. -#}
{%- set day = restate_from() ~ ' - ' ~ session_reach_days() -%}

with day_values as (

    select activity_date, segment_name, segment_value
    from {{ ref('active_users') }}
    where activity_date >= {{ day }}

),

sessions as (

    select *
    from {{ ref('int_sessions') }}
    where session_date >= {{ day }}

),

lengths as (
    {% for segment in each_segment() %}
    select
        session_date as activity_date,
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        count(*) as sessions_count,
        avg(duration_seconds) as mean_seconds,
        quantile_cont(duration_seconds, [0.5, 0.9]) as seconds_at,
        count(*) filter (where events_count = 1) as bounced_sessions_count,
        avg(events_count) as mean_events_per_session,
        quantile_cont(events_count, 0.5) as median_events_per_session
    from sessions
    group by session_date, {{ segment.value }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        day_values.activity_date,
        day_values.segment_name,
        day_values.segment_value,
        coalesce(lengths.sessions_count, 0) as sessions_count,
        lengths.mean_seconds,
        lengths.seconds_at[1] as median_seconds,
        lengths.seconds_at[2] as p90_seconds,
        coalesce(lengths.bounced_sessions_count, 0) as bounced_sessions_count,
        cast(lengths.bounced_sessions_count as double) / lengths.sessions_count as bounce_rate,
        lengths.mean_events_per_session,
        lengths.median_events_per_session
    from day_values
    left join lengths using (activity_date, segment_name, segment_value)

)

select * from final
