-- Small marts that hold together, counted the plain way from a few events. The product's time zone
-- is Europe/Berlin, as-of the midnight that ended 2026-02-15 there.
create schema core;
create schema engagement;
create schema growth;
create schema retention;
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

-- Weekly retention of any event, from the first week of each user and from every week.
create table user_weeks as
select
    user_id,
    cast(date_trunc('week', event_date) as date) as week_start,
    arg_min(platform, event_at) as platform,
    min(event_at) as first_at,
    max(event_at) as last_at
from counted
where segment_name = 'all'
group by user_id, week_start;

create table members as
with starts as (

    select 'often' as retention_name, false as is_first_time, *
    from user_weeks

    union all

    select 'once' as retention_name, true as is_first_time, *
    from user_weeks
    qualify week_start = min(week_start) over (partition by user_id)

)

select
    starts.retention_name,
    starts.is_first_time,
    segments.segment_name,
    segments.segment_value,
    starts.user_id,
    starts.week_start as cohort_start,
    -- In the week of the start only what comes after it; -1 keeps who never comes back.
    coalesce((returns.week_start - starts.week_start) // 7, -1) as returned_index
from starts
cross join lateral (
    values ('all', 'all'), ('platform', starts.platform)
) as segments (segment_name, segment_value)
left join user_weeks as returns
    on returns.user_id = starts.user_id
    and returns.week_start >= starts.week_start
    and returns.last_at > starts.first_at;

create table cells as
with weeks as (

    select distinct cast(date_trunc('week', activity_date) as date) as cohort_start from spine

),

named as (

    select distinct retention_name, is_first_time, segment_name, segment_value from members

)

select
    named.*,
    weeks.cohort_start,
    periods.period_index,
    weeks.cohort_start + cast(7 * (periods.period_index + 1) as integer) <= date '2026-02-16'
        as is_complete,
    members.user_id,
    members.returned_index
from named
cross join weeks
cross join range(4) as periods (period_index)
left join members
    on members.retention_name = named.retention_name
    and members.segment_name = named.segment_name
    and members.segment_value = named.segment_value
    and members.cohort_start = weeks.cohort_start
where named.segment_name = 'all' or members.user_id is not null;

create table retention.cohorts as
with counts as (

    select
        retention_name,
        segment_name,
        segment_value,
        cohort_start,
        period_index,
        'week' as "interval",
        count(distinct user_id) as cohort_users,
        count(distinct user_id) filter (where returned_index = period_index) as retained_users,
        count(distinct user_id) filter (where returned_index >= period_index)
            as retained_on_or_after_users,
        count(distinct user_id) filter (where returned_index between period_index and 3)
            as retained_on_or_after_within_horizon_users,
        is_complete
    from cells
    group by all

)

select
    *,
    case when is_complete then retained_users / nullif(cohort_users, 0) end as retained_rate,
    case when is_complete then retained_on_or_after_users / nullif(cohort_users, 0) end
        as retained_on_or_after_rate
from counts;

create table retention.curve as
select
    retention_name,
    segment_name,
    segment_value,
    period_index,
    'week' as "interval",
    is_first_time,
    count(distinct user_id) filter (where is_complete) as eligible_users,
    count(distinct user_id) filter (where is_complete and returned_index = period_index)
        as retained_users,
    count(distinct user_id) filter (where is_complete and returned_index >= period_index)
        as retained_on_or_after_users
from cells
group by all;

create table retention.brackets as
with counts as (

    select
        retention_name,
        segment_name,
        segment_value,
        cohort_start,
        '1-2' as bracket,
        1 as first_period,
        2 as last_period,
        count(distinct user_id) as cohort_users,
        count(distinct user_id) filter (where returned_index between 1 and 2) as retained_users,
        bool_and(is_complete) filter (where period_index = 2) as is_complete
    from cells
    group by all

)

select
    *,
    case when is_complete then retained_users / nullif(cohort_users, 0) end as retained_rate
from counts;

create table retention.usage_intervals as
with gaps as (

    select
        user_id,
        event_date - lag(event_date) over (partition by user_id order by event_date) as gap_days
    from (select distinct user_id, event_date from counted)

),

medians as (

    select user_id, median(gap_days) as interval_days
    from gaps
    group by user_id
    having median(gap_days) is not null

)

select
    'often' as retention_name,
    interval_days,
    count(*) as users_count,
    (select count(*) from medians as shorter where shorter.interval_days <= medians.interval_days)
    / (select count(*) from medians) as cumulative_rate
from medians
group by interval_days;

-- Events by age of the cohorts: any event adds 1.
create table retention.value_by_age as
with starts as (

    select distinct members.user_id, members.cohort_start, user_weeks.first_at
    from members
    inner join user_weeks
        on members.user_id = user_weeks.user_id and members.cohort_start = user_weeks.week_start
    where members.retention_name = 'once' and members.segment_name = 'all'

),

sums as (

    select
        cohorts.retention_name,
        'events' as metric_name,
        cohorts.cohort_start,
        cohorts.period_index,
        cohorts.cohort_users,
        cohorts.is_complete,
        cast(count(counted.event_id) as double) as value,
        cast(
            count(counted.event_id) filter (
                where counted.event_date
                >= cohorts.cohort_start + cast(7 * cohorts.period_index as integer)
            ) as double
        ) as period_value,
        count(distinct counted.user_id) as users_with_value
    from retention.cohorts
    left join starts on cohorts.cohort_start = starts.cohort_start
    left join counted
        on starts.user_id = counted.user_id
        and counted.segment_name = 'all'
        and counted.event_at >= starts.first_at
        and counted.event_date
        < cohorts.cohort_start + cast(7 * (cohorts.period_index + 1) as integer)
    where cohorts.retention_name = 'once' and cohorts.segment_name = 'all'
    group by all

)

select *, case when is_complete then value / nullif(cohort_users, 0) end as value_per_user
from sums;
