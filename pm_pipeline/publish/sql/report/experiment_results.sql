-- What every variant changed, in total and by slice, for those who saw one variant only.
with levels as (

    select experiment_name, variant, cast(inputs ->> 'alpha' as double) as alpha
    from experiments.decisions

)

select
    results.experiment_name,
    results.metric_name,
    results.variant,
    results.segment_name,
    results.segment_value,
    results.role,
    results.control,
    results.users_count,
    results.control_users_count,
    results.open_users_count,
    results.control_mean,
    results.variant_mean,
    results.difference,
    results.deciding_low,
    results.deciding_high,
    results.lift,
    results.adjusted_p_value,
    results.deciding_p_value,
    results.guardrail_state,
    results.eligible_rate,
    results.rollout_volume,
    results.rollout_impact,
    results.rollout_impact_low,
    results.rollout_impact_high,
    results.method,
    results.status,
    coalesce(results.adjusted_p_value <= levels.alpha, false) as is_significant
from experiments.results as results
left join levels
    on results.experiment_name = levels.experiment_name and results.variant = levels.variant
where results.analysis_set = 'default'
order by
    results.experiment_name,
    case results.role when 'primary' then 0 when 'guardrail' then 1 else 2 end,
    results.metric_name,
    results.variant,
    results.segment_name != 'all',
    results.segment_name,
    results.users_count desc,
    results.segment_value;
