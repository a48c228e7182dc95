-- The stage of each feature in its last complete week.
select
    subject_name as feature_name,
    stage,
    recommendation
from lifecycle.product_stages
where subject_kind = 'feature'
qualify row_number() over (partition by subject_name order by period_start desc) = 1
order by feature_name
