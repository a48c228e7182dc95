select
    "interval",
    period_start,
    active_users,
    new_users,
    retained_users,
    resurrected_users,
    churned_users
from growth.accounting
where subject_kind = 'product' and is_complete and active_users > 0
