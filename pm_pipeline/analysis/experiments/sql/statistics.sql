-- The sufficient statistics of all units of one experiment by day; what is no part of a metric is 0.
select
    metric_name,
    variant,
    analysis_set,
    segment_name,
    segment_value,
    exposure_date,
    users_count,
    open_users_count,
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
    coalesce(covariate_denominator_covariate_denominator_comoment, 0),
    half_change_mean,
    half_change_comoment
from experiments.sufficient_statistics
where experiment_name = $1 and segment_name = 'all'
order by metric_name, analysis_set, segment_name, segment_value, exposure_date, variant
