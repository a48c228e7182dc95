-- The last complete week and month of the product.
select
    interval, period_start as began, active_users as active, new_users as new,
    retained_users as retained, resurrected_users as resurrected, churned_users as churned,
    quick_ratio
from growth.accounting
where subject_kind = 'product' and interval != 'day' and is_complete
qualify row_number() over (partition by interval order by period_start desc) = 1
order by interval desc
