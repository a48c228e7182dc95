select hypothesis_name as hypothesis, statement, status, experiment_name as experiment, attention
from experiments.hypotheses
order by hypothesis_name
