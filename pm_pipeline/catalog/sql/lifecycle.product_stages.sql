-- The last 52 weeks of the product and its features.
select
    period_start as x,
    case when subject_kind = 'product' then 'product' else subject_name end as series,
    active_users as value
from lifecycle.product_stages
where period_start > (select max(period_start) - 52 * 7 from lifecycle.product_stages)
order by subject_kind = 'product' desc, subject_name, period_start
