-- The statistics of every metric are of the units that were exposed, each once.
with exposed as (

    select
        experiment_name,
        first_variant as variant,
        sets.analysis_set,
        count(*) filter (where is_closed) as closed_count,
        count(*) filter (where not is_closed) as open_count
    from experiments.exposures
    cross join (
        values ('default'), ('first_variant'), ('exposed'), ('exposed_first_variant')
    ) as sets (analysis_set)
    where
        case sets.analysis_set
            when 'default' then exclusion_reason is null
            when 'first_variant'
                then
                    coalesce(exclusion_reason, 'several_variants') = 'several_variants'
                    and is_activated is distinct from false
            -- Only where activation is asked for are there other units than those.
            when 'exposed'
                then
                    is_activated is not null
                    and coalesce(exclusion_reason, 'not_activated') = 'not_activated'
            else
                is_activated is not null
                and coalesce(exclusion_reason, 'not_activated')
                in ('not_activated', 'several_variants')
        end
    group by experiment_name, first_variant, sets.analysis_set

),

metrics as (

    select distinct experiment_name, metric_name
    from experiments.sufficient_statistics

),

expected as (

    select metrics.metric_name, exposed.*
    from exposed
    left join metrics on exposed.experiment_name = metrics.experiment_name

),

counted as (

    select
        experiment_name,
        metric_name,
        variant,
        analysis_set,
        sum(users_count) as closed_count,
        sum(open_users_count) as open_count
    from experiments.sufficient_statistics
    where segment_name = 'all'
    group by experiment_name, metric_name, variant, analysis_set

),

differences as (

    select coalesce(expected.experiment_name, counted.experiment_name) as experiment_name
    from expected
    full join counted
        on expected.experiment_name = counted.experiment_name
        and expected.metric_name = counted.metric_name
        and expected.variant = counted.variant
        and expected.analysis_set = counted.analysis_set
    where
        expected.closed_count is distinct from counted.closed_count
        or expected.open_count is distinct from counted.open_count

)

select
    count(*) as value,
    count(*) || ' arms and metrics with other units than exposed' || coalesce(
        ', first of ' || min(experiment_name), ''
    ) as observed,
    'as many units as were exposed' as expected
from differences
