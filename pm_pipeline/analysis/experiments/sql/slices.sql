-- The same of its break-downs: nothing is asked of a single day of theirs, so that the days from one
-- of those given ($2) to the next are put together (Chan). How the effect changes is asked of all
-- units only.
with days as (

    select
        metric_name,
        variant,
        analysis_set,
        segment_name,
        segment_value,
        list_max(list_filter($2, lambda day: day <= exposure_date)) as begins_on,
        users_count,
        open_users_count,
        coalesce(columns('^(metric|denominator|covariate).*_(mean|comoment)$'), 0)
    from experiments.sufficient_statistics
    where experiment_name = $1 and segment_name != 'all'

),

means as (

    select
        metric_name,
        variant,
        analysis_set,
        segment_name,
        segment_value,
        begins_on,
        coalesce(sum(users_count * metric_mean) / sum(users_count), 0) as metric,
        coalesce(sum(users_count * denominator_mean) / sum(users_count), 0) as denominator,
        coalesce(sum(users_count * covariate_mean) / sum(users_count), 0) as covariate,
        coalesce(sum(users_count * covariate_denominator_mean) / sum(users_count), 0) as covariate_denominator
    from days
    group by metric_name, variant, analysis_set, segment_name, segment_value, begins_on

),

apart as (

    select
        days.*,
        means.* exclude (metric_name, variant, analysis_set, segment_name, segment_value, begins_on),
        days.metric_mean - means.metric as metric_apart,
        days.denominator_mean - means.denominator as denominator_apart,
        days.covariate_mean - means.covariate as covariate_apart,
        days.covariate_denominator_mean - means.covariate_denominator as covariate_denominator_apart
    from days
    inner join means
        using (metric_name, variant, analysis_set, segment_name, segment_value, begins_on)

)

select
    metric_name,
    variant,
    analysis_set,
    segment_name,
    segment_value,
    begins_on,
    sum(users_count)::bigint,
    sum(open_users_count)::bigint,
    any_value(metric),
    any_value(denominator),
    any_value(covariate),
    any_value(covariate_denominator),
    sum(metric_metric_comoment + users_count * metric_apart * metric_apart),
    sum(metric_denominator_comoment + users_count * metric_apart * denominator_apart),
    sum(metric_covariate_comoment + users_count * metric_apart * covariate_apart),
    sum(metric_covariate_denominator_comoment + users_count * metric_apart * covariate_denominator_apart),
    sum(denominator_denominator_comoment + users_count * denominator_apart * denominator_apart),
    sum(denominator_covariate_comoment + users_count * denominator_apart * covariate_apart),
    sum(denominator_covariate_denominator_comoment + users_count * denominator_apart * covariate_denominator_apart),
    sum(covariate_covariate_comoment + users_count * covariate_apart * covariate_apart),
    sum(covariate_covariate_denominator_comoment + users_count * covariate_apart * covariate_denominator_apart),
    sum(covariate_denominator_covariate_denominator_comoment + users_count * covariate_denominator_apart * covariate_denominator_apart),
    null as half_change_mean,
    null as half_change_comoment
from apart
group by metric_name, variant, analysis_set, segment_name, segment_value, begins_on
order by metric_name, analysis_set, segment_name, segment_value, begins_on, variant
