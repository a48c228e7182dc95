-- What happened on the days of each complete week, oldest first: counts of things (sessions,
-- events) add up over days, counts of people do not and are not added.
select
    accounting.period_start,
    count(*) as days_count,
    cast(sum(active_users.sessions_count) as bigint) as sessions_count,
    cast(sum(active_users.events_count) as bigint) as events_count,
    arg_max(active_users.stickiness_rate, active_users.activity_date) as stickiness_rate
from growth.accounting
inner join engagement.active_users
    on
    active_users.segment_name = 'all'
    and active_users.activity_date >= accounting.period_start
    and active_users.activity_date < accounting.period_start + 7
where
    accounting.subject_kind = 'product'
    and accounting.interval = 'week'
    and accounting.is_complete
group by accounting.period_start
order by accounting.period_start;
