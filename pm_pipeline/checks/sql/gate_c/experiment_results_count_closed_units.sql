-- Results are of the closed units that were counted; of group_sequential of some of them.
with counted as (

    select
        experiment_name,
        metric_name,
        variant,
        analysis_set,
        segment_name,
        segment_value,
        sum(users_count) as users_count
    from experiments.sufficient_statistics
    group by all

),

differences as (

    select results.experiment_name
    from experiments.results as results
    left join counted
        on results.experiment_name = counted.experiment_name
        and results.metric_name = counted.metric_name
        and results.variant = counted.variant
        and results.analysis_set = counted.analysis_set
        and results.segment_name = counted.segment_name
        and results.segment_value = counted.segment_value
    where
        results.users_count > coalesce(counted.users_count, 0)
        or (
            results.inference != 'group_sequential'
            and results.users_count != coalesce(counted.users_count, 0)
        )

)

select
    count(*) as value,
    count(*) || ' results of other units than counted' as observed,
    'as many units as have closed' as expected
from differences
