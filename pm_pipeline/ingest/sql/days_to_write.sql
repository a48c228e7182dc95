with rows_by_day as (
    select
        kind,
        utc_date,
        rows_count,
    from addition_counts
    union all
    select
        kind,
        utc_date,
        rows_count,
    from absorbed
)

select
    kind,
    utc_date,
    cast(sum(rows_count) as bigint) as rows_count,
from rows_by_day
group by all
order by kind, utc_date
