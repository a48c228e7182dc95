-- The product's days, oldest first; is_complete says whether the day had ended at as-of.
select
    active_users.activity_date,
    active_users.daily_active_users,
    active_users.weekly_active_users,
    active_users.monthly_active_users,
    active_users.events_count,
    active_users.stickiness_rate,
    coalesce(accounting.is_complete, true) as is_complete
from engagement.active_users
left join growth.accounting
    on
    accounting.subject_kind = 'product'
    and accounting.interval = 'day'
    and accounting.period_start = active_users.activity_date
where active_users.segment_name = 'all'
order by active_users.activity_date;
