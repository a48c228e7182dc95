-- One stage a subject and week, and one of the five.
with rows_of_weeks as (

    select
        subject_kind,
        subject_name,
        period_start,
        count(*) as rows_count,
        count(*) filter (
            where stage in ('introduction', 'growth', 'maturity', 'decline', 'insufficient_data')
            and raw_stage in ('introduction', 'growth', 'maturity', 'decline', 'insufficient_data')
        ) as known_count
    from lifecycle.product_stages
    group by subject_kind, subject_name, period_start

)

select
    count(*) as value,
    count(*) || ' weeks with another number of stages than one' as observed,
    'exactly one known stage a subject and week' as expected
from rows_of_weeks
where rows_count != 1 or known_count != 1
