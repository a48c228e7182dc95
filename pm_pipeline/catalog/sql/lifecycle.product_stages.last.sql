-- The last judged week of each subject.
select
    case when subject_kind = 'product' then 'product' else subject_name end as subject,
    stage,
    stage_since as since,
    confidence,
    reason,
    recommendation as advice,
    active_users
from lifecycle.product_stages
qualify row_number() over (
    partition by subject_kind, subject_name order by period_start desc
) = 1
order by subject_kind = 'product' desc, subject_name
