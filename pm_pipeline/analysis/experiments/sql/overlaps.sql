-- The units that an experiment shares with others; what is no part of a metric is 0.
select
    other_experiment_name,
    metric_name,
    variant,
    other_variant,
    users_count,
    coalesce(metric_mean, 0),
    coalesce(denominator_mean, 0),
    coalesce(covariate_mean, 0),
    coalesce(covariate_denominator_mean, 0),
    coalesce(metric_metric_comoment, 0),
    coalesce(metric_denominator_comoment, 0),
    coalesce(metric_covariate_comoment, 0),
    coalesce(metric_covariate_denominator_comoment, 0),
    coalesce(denominator_denominator_comoment, 0),
    coalesce(denominator_covariate_comoment, 0),
    coalesce(denominator_covariate_denominator_comoment, 0),
    coalesce(covariate_covariate_comoment, 0),
    coalesce(covariate_covariate_denominator_comoment, 0),
    coalesce(covariate_denominator_covariate_denominator_comoment, 0)
from experiments.overlaps
where experiment_name = $1
order by other_experiment_name, metric_name, variant, other_variant
