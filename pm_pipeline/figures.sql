-- The figures of the last seven product days that count, beside the seven before.
with days as (

    select *
    from engagement.active_users
    where segment_name = 'all'

),

last_day as (

    select max(activity_date) as last_date from days

),

weeks as (

    select
        last_date - 7 * weeks_ago as last_date,
        weeks_ago
    from last_day, (values (0), (1)) as ago (weeks_ago)

),

figures as (

    select
        weeks.weeks_ago,
        weeks.last_date,
        max(days.weekly_active_users) filter (where days.activity_date = weeks.last_date) as active_people,
        cast(sum(days.new_users) as bigint) as new_people,
        cast(sum(days.sessions_count) as bigint) as sessions,
        cast(sum(days.events_count) as bigint) as events
    from weeks
    inner join days
        on days.activity_date > weeks.last_date - 7 and days.activity_date <= weeks.last_date
    group by weeks.weeks_ago, weeks.last_date

),

named as (

    unpivot figures on active_people, new_people, sessions, events into name figure value value

)

select
    replace(now.figure, '_', ' ') as figure,
    now.last_date,
    now.value,
    before.value as value_before
from named as now
left join named as before on now.figure = before.figure and before.weeks_ago = 1
where now.weeks_ago = 0
order by list_position(['active_people', 'new_people', 'sessions', 'events'], now.figure)
