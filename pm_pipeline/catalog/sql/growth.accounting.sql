-- The last 26 complete weeks of the product; who left is drawn below zero.
with weeks as (
    select *
    from growth.accounting
    where subject_kind = 'product' and interval = 'week' and is_complete
    qualify row_number() over (order by period_start desc) <= 26
)

unpivot (
    select
        period_start as x,
        retained_users as retained,
        resurrected_users as resurrected,
        new_users as new,
        -churned_users as churned
    from weeks
) on retained, resurrected, new, churned into name series value value
order by series = 'retained' desc, series, x
