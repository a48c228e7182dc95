-- The newest month after which another one is over.
select subject_name as subject, period_start as month, old_users, survival_rate
from lifecycle.survival
where is_complete
qualify row_number() over (
    partition by subject_kind, subject_name order by period_start desc
) = 1
order by subject_kind = 'product' desc, subject_name
