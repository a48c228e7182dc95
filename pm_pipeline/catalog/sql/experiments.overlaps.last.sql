-- How many units two experiments share, by their arms.
select distinct
    experiment_name as experiment,
    other_experiment_name as other,
    variant,
    other_variant,
    users_count as units
from experiments.overlaps
order by experiment, other, variant, other_variant
limit 20
