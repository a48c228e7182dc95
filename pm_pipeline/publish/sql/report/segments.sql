-- People active in each complete week by the values of each segment: the published figure of the
-- seven days that end with the week. Only the values with most people in the newest such week.
with week_ends as (
    select period_start, period_start + 6 as activity_date
    from growth.accounting
    where subject_kind = 'product' and interval = 'week' and is_complete
),

weekly as (
    select
        active_users.segment_name,
        active_users.segment_value,
        week_ends.period_start,
        active_users.weekly_active_users
    from engagement.active_users
    inner join week_ends on active_users.activity_date = week_ends.activity_date
    where active_users.segment_name != 'all'
),

ranked as (
    select
        segment_name,
        segment_value,
        row_number() over (
            partition by segment_name
            order by
                arg_max(weekly_active_users, period_start) desc,
                max(weekly_active_users) desc,
                segment_value
        ) as position,
        count(*) over (partition by segment_name) as values_count
    from weekly
    group by segment_name, segment_value
)

select
    weekly.segment_name,
    weekly.segment_value,
    weekly.period_start,
    weekly.weekly_active_users,
    ranked.position,
    ranked.values_count
from weekly
inner join ranked
    on
    weekly.segment_name = ranked.segment_name
    and weekly.segment_value = ranked.segment_value
where ranked.position <= $shown
order by weekly.segment_name, ranked.position, weekly.period_start;
