-- Marts of the family retention, counted the plain way from the events of gate_marts.sql.
create schema retention;

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
