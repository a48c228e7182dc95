-- Small marts that hold together, counted the plain way from a few events. The product's time zone
-- is Europe/Berlin, as-of the midnight that ended 2026-02-15 there.
create schema core;
create schema engagement;
create schema growth;
create schema lifecycle;
create schema definitions;

create table definitions.product as select 'Europe/Berlin' as timezone;

create table definitions.paths as
select *
from (
    values
    ('after_opened', 'from', 'opened', null), ('to_played', 'to', 'played', null),
    ('visits', 'session', null, null), ('rare', 'from', 'never', null),
    ('on_ios', 'from', 'opened', 'platform = ''ios''')
) as paths (path_name, direction, event_name, condition);

create table as_of as
select timestamp '2026-02-15 23:00:00' as instant, date '2026-02-15' as last_date;

create table core.events as
with days as (

    select cast(generated_day as date) as event_date
    from generate_series(date '2026-01-01', date '2026-02-16', interval 1 day) as days (generated_day)

),

users as (

    select n, 'user-' || n as user_id, date '2026-01-01' + cast((n - 1) * 3 as integer) as first_date
    from range(1, 13) as numbers (n)

)

select
    users.user_id || '-' || days.event_date || '-' || times.minute as event_id,
    users.user_id,
    users.user_id || '-' || days.event_date as session_id,
    case when times.minute = 0 then 'opened' else 'played' end as event_name,
    timezone('UTC', timezone('Europe/Berlin', days.event_date + to_minutes(times.minute)))
        as event_at,
    days.event_date,
    case when (day(days.event_date) + users.n) % 4 = 0 then 'android' else 'ios' end as platform
from users
inner join days
    on days.event_date >= users.first_date
    and (days.event_date = users.first_date or (day(days.event_date) * users.n) % 5 < 2)
    -- Nobody comes in a stretch of ten days, so that everybody churns and some come back.
    and days.event_date not between date '2026-01-20' and date '2026-01-29'
cross join (values (0), (20)) as times (minute);

create table counted as
select events.*, segments.segment_name, segments.segment_value
from core.events as events
cross join as_of
cross join lateral (
    values ('all', 'all'), ('platform', events.platform)
) as segments (segment_name, segment_value)
where events.event_at < as_of.instant;

create table core.sessions as
select
    session_id,
    user_id,
    min(event_date) as session_date,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    count(*) as events_count
from counted
where segment_name = 'all'
group by session_id, user_id;

create table core.users as
select
    user_id,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at,
    count(*) as events_count,
    count(distinct session_id) as sessions_count,
    count(distinct event_date) as active_days_count
from counted
where segment_name = 'all'
group by user_id;

create table core.identities as
select *
from (
    values
    ('device-1', timestamp '2026-01-01', timestamp '2026-01-10', 'user-1'),
    ('device-1', timestamp '2026-01-10', timestamp '2026-01-10', 'user-2'),
    ('device-1', timestamp '2026-01-10', null, 'user-3'),
    ('device-2', timestamp '2026-01-05', null, 'user-1')
) as identities (device_id, valid_from, valid_to, user_id);

create table spine as
select cast(generated_day as date) as activity_date
from as_of, generate_series(date '2026-01-01', as_of.last_date, interval 1 day) as days (generated_day);

create table engagement.active_users as
with firsts as (

    select segment_name, user_id, min((event_at, segment_value)) as first_value
    from counted
    group by segment_name, user_id

),

segment_values as (

    select distinct segment_name, segment_value from counted

)

select
    spine.activity_date,
    segment_values.segment_name,
    segment_values.segment_value,
    count(distinct counted.user_id) filter (where counted.event_date = spine.activity_date)
        as daily_active_users,
    count(distinct counted.user_id) filter (where counted.event_date > spine.activity_date - 7)
        as weekly_active_users,
    count(distinct counted.user_id) as monthly_active_users,
    (
        select count(*)
        from firsts
        where
            firsts.segment_name = segment_values.segment_name
            and firsts.first_value[2] = segment_values.segment_value
            and cast(timezone('Europe/Berlin', timezone('UTC', firsts.first_value[1])) as date)
            = spine.activity_date
    ) as new_users,
    count(distinct counted.session_id) filter (where counted.event_date = spine.activity_date)
        as sessions_count,
    count(*) filter (where counted.event_date = spine.activity_date) as events_count,
    case
        when spine.activity_date >= date '2026-01-28'
            then count(distinct (counted.user_id, counted.event_date)) / 28.0
                / nullif(count(distinct counted.user_id), 0)
    end as stickiness_rate
from spine
cross join segment_values
left join counted
    on counted.segment_name = segment_values.segment_name
    and counted.segment_value = segment_values.segment_value
    and counted.event_date between spine.activity_date - 27 and spine.activity_date
group by spine.activity_date, segment_values.segment_name, segment_values.segment_value;

create table engagement.event_usage as
select
    event_date as activity_date,
    event_name,
    segment_name,
    segment_value,
    count(distinct user_id) as users_count,
    count(*) as events_count
from counted
group by all;

create table growth.accounting as
with subjects as (

    select 'product' as subject_kind, 'Songbird' as subject_name, user_id, event_date
    from counted
    where segment_name = 'all'

    union all

    select 'feature', 'playing', user_id, event_date
    from counted
    where segment_name = 'all' and event_name = 'played' and event_date >= date '2026-01-05'

),

intervals (interval) as (

    values ('day'), ('week'), ('month')

),

active as (

    select distinct
        subject_kind,
        subject_name,
        intervals.interval,
        user_id,
        cast(date_trunc(intervals.interval, event_date) as date) as period_start
    from subjects
    cross join intervals

),

periods as (

    select
        firsts.subject_kind,
        firsts.subject_name,
        firsts.interval,
        cast(generated as date) as period_start,
        cast(
            case firsts.interval
                when 'day' then generated - interval 1 day
                when 'week' then generated - interval 7 day
                else generated - interval 1 month
            end as date
        ) as previous_start,
        case firsts.interval
            when 'day' then generated + interval 1 day
            when 'week' then generated + interval 7 day
            else generated + interval 1 month
        end <= timestamp '2026-02-16' as is_complete
    from (
        select subject_kind, subject_name, interval, min(period_start) as first_period
        from active
        group by subject_kind, subject_name, interval
    ) as firsts
    cross join as_of
    cross join lateral (
        select unnest(
            generate_series(
                cast(firsts.first_period as timestamp),
                cast(as_of.last_date as timestamp),
                cast('1 ' || firsts.interval as interval)
            )
        ) as generated
    ) as generated_periods

),

states as (

    select
        active.*,
        case
            when row_number() over person = 1 then 'new'
            when lag(active.period_start) over person = periods.previous_start then 'retained'
            else 'resurrected'
        end as state
    from active
    inner join periods using (subject_kind, subject_name, interval, period_start)
    window person as (
        partition by active.subject_kind, active.subject_name, active.interval, active.user_id
        order by active.period_start
    )

),

flows as (

    select
        periods.subject_kind,
        periods.subject_name,
        periods.interval,
        periods.period_start,
        periods.is_complete,
        current_states.user_id is not null as is_active,
        current_states.state
    from periods
    left join states as current_states
        on periods.subject_name = current_states.subject_name
        and periods.interval = current_states.interval
        and periods.period_start = current_states.period_start

    union all

    select
        periods.subject_kind,
        periods.subject_name,
        periods.interval,
        periods.period_start,
        periods.is_complete,
        false,
        states.state
    from periods
    inner join states
        on periods.subject_name = states.subject_name
        and periods.interval = states.interval
        and periods.previous_start = states.period_start
    anti join states as stayed
        on states.subject_name = stayed.subject_name
        and states.interval = stayed.interval
        and states.user_id = stayed.user_id
        and periods.period_start = stayed.period_start

)

select
    subject_kind,
    subject_name,
    interval,
    period_start,
    count(*) filter (where is_active) as active_users,
    count(*) filter (where is_active and state = 'new') as new_users,
    count(*) filter (where is_active and state = 'retained') as retained_users,
    count(*) filter (where is_active and state = 'resurrected') as resurrected_users,
    count(*) filter (where not is_active and state is not null) as churned_users,
    count(*) filter (where not is_active and state = 'new') as churned_new_users,
    count(*) filter (where not is_active and state = 'retained') as churned_retained_users,
    count(*) filter (where not is_active and state = 'resurrected') as churned_resurrected_users,
    case when interval <> 'day' then 0 end as expansion,
    case when interval <> 'day' then 0 end as contraction,
    is_complete
from flows
group by subject_kind, subject_name, interval, period_start, is_complete;

-- On a day a user opens, plays 20 minutes later, and is gone; paths are followed for three steps.
create table engagement.path_edges as
with days as (

    select
        user_id,
        cast(date_trunc('week', event_date) as date) as period_start,
        any_value(platform) as platform
    from core.events
    cross join as_of
    where event_at < as_of.instant
    group by user_id, event_date

),

steps (path_name, step_index, from_event, to_event) as (

    values
    ('after_opened', 1, '(start)', 'opened'), ('after_opened', 2, 'opened', 'played'),
    ('after_opened', 3, 'played', '(end)'),
    ('to_played', 1, 'played', '(end)'), ('to_played', 2, 'opened', 'played'),
    ('to_played', 3, '(start)', 'opened'),
    ('visits', 1, '(start)', 'opened'), ('visits', 2, 'opened', 'played'),
    ('on_ios', 1, '(start)', 'opened'), ('on_ios', 2, 'opened', 'played'),
    ('on_ios', 3, 'played', '(end)')

)

select
    steps.path_name,
    days.period_start,
    steps.step_index,
    steps.from_event,
    steps.to_event,
    count(distinct days.user_id) as users_count,
    count(*) as transitions_count,
    count(distinct days.user_id) as path_users
from days
inner join steps on days.platform = 'ios' or steps.path_name <> 'on_ios'
group by steps.path_name, days.period_start, steps.step_index, steps.from_event, steps.to_event;

-- Whoever has opened is in one cohort for good, and was in the other for two hours from then on.
create table core.cohort_memberships as
select
    cohorts.cohort_name,
    users.user_id,
    users.first_seen_at + to_hours(cohorts.after_hours) as entered_at,
    case
        when cohorts.lasts_hours is not null
            then users.first_seen_at + to_hours(cohorts.after_hours + cohorts.lasts_hours)
    end as left_at
from core.users as users
cross join (
    values ('opened', 0, null), ('begun', 0, 2), ('begun', 5, 1)
) as cohorts (cohort_name, after_hours, lasts_hours);
create table lifecycle.user_stages as
select user_id, 'current' as stage from core.users where active_days_count > 0;

create table lifecycle.user_stage_flows as
select *
from (
    values
    (date '2026-01-26', '(none)', 'new', 8), (date '2026-02-02', 'new', 'current', 5),
    (date '2026-02-02', 'new', 'dormant', 3), (date '2026-02-02', '(none)', 'new', 4),
    (date '2026-02-09', 'new', 'new', 4), (date '2026-02-09', 'current', 'current', 5),
    (date '2026-02-09', 'dormant', 'dormant', 3)
) as flows (week_start, from_stage, to_stage, users_count);
