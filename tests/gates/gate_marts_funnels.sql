-- Funnels over the events of gate_marts.sql, which come first. An attempt at `again` begins with a
-- play and wants another one within 47 hours 50 minutes: a day later it converts, two days later
-- only its opening comes in time. `maybe` has an optional step that nobody ever does. The funnel of
-- an experiment's metric has no row in the tables of funnels.
create schema funnels;

create table definitions.funnels as
select *
from (
    values
    ('again', 'ordered', 172200, 3, 3, 3, false, null),
    ('maybe', 'ordered', 3600, 2, 3, 2, false, null),
    ('tried metric', 'ordered', 3600, 2, 2, 2, false, 'tried')
) as funnels (
    funnel_name,
    event_order,
    window_seconds,
    reach_days,
    steps_count,
    required_count,
    is_open,
    experiment_name
);

create table definitions.funnel_steps as
select *
from (
    values
    ('again', 1, 'played', 1, null), ('again', 2, 'opened', 2, 1), ('again', 3, 'back', 3, 2),
    ('maybe', 1, 'opened', 1, null), ('maybe', 2, 'shared', null, 1), ('maybe', 3, 'played', 2, 1)
) as steps (funnel_name, step_index, step_name, required_index, previous_step_index);

create table definitions.funnel_exclusions (funnel_name varchar);

create table visits as
select
    user_id,
    event_date,
    any_value(platform) as platform,
    min(event_at) as opened_at,
    max(event_at) as played_at,
    lead(event_date) over by_user - event_date as gap_days,
    lead(min(event_at)) over by_user as opens_again_at,
    lead(max(event_at)) over by_user as plays_again_at
from counted
where segment_name = 'all'
group by user_id, event_date
window by_user as (partition by user_id order by event_date);

create table tries as
select
    'again' as funnel_name,
    user_id,
    event_date as entry_date,
    played_at as entered_at,
    case gap_days
        when 1 then [played_at, opens_again_at, plays_again_at]
        when 2 then [played_at, opens_again_at]
        else [played_at]
    end as step_times,
    coalesce(gap_days = 1, false) as is_converted,
    played_at + to_seconds(172200) <= as_of.instant as is_mature,
    map {'platform': platform} as segment_values
from visits
cross join as_of

union all

select
    'maybe' as funnel_name,
    user_id,
    event_date as entry_date,
    opened_at as entered_at,
    [opened_at, null, played_at] as step_times,
    true as is_converted,
    opened_at + to_seconds(3600) <= as_of.instant as is_mature,
    map {'platform': platform} as segment_values
from visits
cross join as_of;

create table funnels.attempts as
select
    funnel_name,
    user_id,
    '' as hold_constant_value,
    entry_date,
    entered_at,
    entered_at as first_touch_at,
    list_count(step_times) as steps_completed,
    step_times,
    case when is_converted then step_times[-1] end as converted_at,
    case when is_converted then cast(epoch(step_times[-1] - entered_at) as double) end
        as seconds_to_convert,
    case when is_converted then cast(epoch(step_times[-1] - entered_at) as double) end
        as first_touch_seconds,
    case when is_converted then 'converted' when is_mature then 'dropped' else 'pending' end
        as status,
    row_number() over (
        partition by funnel_name, user_id
        order by len(step_times) desc, step_times[-1], entered_at desc
    ) = 1 as is_best_attempt,
    segment_values
from tries;

create table funnels.conversion as
with periods as (

    select 'all' as period, cast(null as date) as period_start

    union all

    select 'day', activity_date from spine

    union all

    select distinct 'week', cast(date_trunc('week', activity_date) as date) from spine

),

placed as (

    select
        tries.*,
        periods.period,
        periods.period_start,
        segments.segment_name,
        segments.segment_value,
        figures.is_mature_figure
    from tries
    inner join periods
        on periods.period = 'all'
        or (periods.period = 'day' and periods.period_start = tries.entry_date)
        or (
            periods.period = 'week'
            and periods.period_start = date_trunc('week', tries.entry_date)
        )
    cross join (values (false), (true)) as figures (is_mature_figure)
    cross join lateral (
        values ('all', 'all'), ('platform', tries.segment_values['platform'])
    ) as segments (segment_name, segment_value)
    where tries.is_mature or not figures.is_mature_figure
    qualify row_number() over (
        partition by
            tries.funnel_name, tries.user_id, periods.period, periods.period_start,
            segments.segment_name, figures.is_mature_figure
        order by len(tries.step_times) desc, tries.step_times[-1], tries.entered_at desc
    ) = 1

),

-- A break-down has a row from the first entry with a value on.
begun as (

    select funnel_name, segment_name, segment_value, min(entry_date) as first_date
    from placed
    group by funnel_name, segment_name, segment_value

),

grid as (

    select begun.*, periods.period, periods.period_start, steps.step_index, steps.step_name
    from begun
    inner join periods
        on periods.period = 'all'
        or (
            periods.period_start >= case periods.period
                when 'day' then begun.first_date
                else date_trunc('week', begun.first_date)
            end
        )
    inner join definitions.funnel_steps as steps on begun.funnel_name = steps.funnel_name

),

counts as (

    select
        grid.funnel_name,
        grid.period,
        grid.period_start,
        grid.segment_name,
        grid.segment_value,
        grid.step_index,
        grid.step_name,
        count(placed.user_id) filter (where not placed.is_mature_figure) as users_count,
        count(placed.user_id) filter (where placed.is_mature_figure) as mature_users_count,
        quantile_cont(
            epoch(placed.step_times[grid.step_index] - placed.entered_at), [0.25, 0.5, 0.75, 0.9]
        ) filter (where not placed.is_mature_figure) as seconds_quantiles
    from grid
    left join placed
        on placed.funnel_name = grid.funnel_name
        and placed.period = grid.period
        and placed.period_start is not distinct from grid.period_start
        and placed.segment_name = grid.segment_name
        and placed.segment_value = grid.segment_value
        and placed.step_times[grid.step_index] is not null
    group by all

)

select
    counts.* exclude (seconds_quantiles),
    counts.users_count / nullif(firsts.users_count, 0) as rate_from_start,
    counts.users_count / nullif(coalesce(befores.users_count, counts.users_count), 0)
        as rate_from_previous,
    counts.mature_users_count / nullif(firsts.mature_users_count, 0) as mature_rate_from_start,
    counts.seconds_quantiles[1] as p25_seconds,
    counts.seconds_quantiles[2] as median_seconds,
    counts.seconds_quantiles[3] as p75_seconds,
    counts.seconds_quantiles[4] as p90_seconds,
    counts.seconds_quantiles[2] as median_first_touch_seconds
from counts
inner join definitions.funnel_steps as steps
    on counts.funnel_name = steps.funnel_name and counts.step_index = steps.step_index
inner join counts as firsts
    on counts.funnel_name = firsts.funnel_name
    and counts.period = firsts.period
    and counts.period_start is not distinct from firsts.period_start
    and counts.segment_name = firsts.segment_name
    and counts.segment_value = firsts.segment_value
    and firsts.step_index = 1
left join counts as befores
    on counts.funnel_name = befores.funnel_name
    and counts.period = befores.period
    and counts.period_start is not distinct from befores.period_start
    and counts.segment_name = befores.segment_name
    and counts.segment_value = befores.segment_value
    and steps.previous_step_index = befores.step_index;
