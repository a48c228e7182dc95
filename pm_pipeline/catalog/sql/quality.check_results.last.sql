-- The checks of the newest run that is kept, by gate and result.
select gate, status, count(*) as checks
from quality.check_results
where run_id = (select arg_max(run_id, checked_at) from quality.check_results)
group by gate, status
order by gate, status
