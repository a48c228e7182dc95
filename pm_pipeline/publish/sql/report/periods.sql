-- Growth accounting of the product in periods of one length, oldest first.
select
    period_start,
    active_users,
    new_users,
    retained_users,
    resurrected_users,
    churned_users,
    quick_ratio,
    is_complete
from growth.accounting
where subject_kind = 'product' and interval = $interval
order by period_start;
