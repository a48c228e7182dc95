select
    hypothesis_name,
    statement,
    problem_name,
    metric_name,
    predicted_direction,
    predicted_effect,
    is_relative_effect,
    experiment_name,
    cast(stated_on as date) as stated_on
from definitions.hypotheses
order by hypothesis_name
