-- The newest cohorts of each retention, the oldest of them first, of at most 13 periods.
with cohorts as (
    select
        retention_name,
        cohort_start,
        row_number() over (
            partition by retention_name order by cohort_start desc
        ) as place
    from (
        select distinct retention_name, cohort_start
        from retention.cohorts
        where segment_name = 'all'
    ) as distinct_cohorts
)

select
    cells.retention_name,
    cells.interval,
    cells.cohort_start,
    cells.period_index,
    cells.cohort_users,
    cells.retained_users,
    cells.retained_rate,
    cells.is_complete
from retention.cohorts as cells
inner join cohorts
    on cells.retention_name = cohorts.retention_name and cells.cohort_start = cohorts.cohort_start
where cells.segment_name = 'all' and cohorts.place <= 13 and cells.period_index <= 12
order by cells.retention_name, cells.cohort_start, cells.period_index;
