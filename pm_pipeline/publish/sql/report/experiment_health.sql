-- What was checked of every experiment, what failed first; slices that passed are left out.
select
    experiment_name,
    check_name,
    segment_name,
    segment_value,
    status,
    blocks,
    detail
from experiments.health
where segment_name = 'all' or status in ('warn', 'fail')
order by
    experiment_name,
    case status when 'fail' then 0 when 'warn' then 1 when 'pass' then 2 else 3 end,
    check_name,
    segment_name,
    segment_value;
