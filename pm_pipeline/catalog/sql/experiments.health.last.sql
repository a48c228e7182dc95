-- What does not pass.
select experiment_name as experiment, check_name, segment_value as segment, status, blocks, detail
from experiments.health
where status in ('warn', 'fail')
order by status, experiment_name, check_name, segment_value
limit 20
