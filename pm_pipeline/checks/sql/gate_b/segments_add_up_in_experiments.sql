-- Every unit has one value of each break-down: values add up to the total of a day and arm.
with totals as (

    select
        experiment_name,
        metric_name,
        variant,
        analysis_set,
        exposure_date,
        users_count,
        open_users_count
    from experiments.sufficient_statistics
    where analysis_set in ('default', 'first_variant') and segment_name = 'all'

),

segments as (

    select
        experiment_name,
        metric_name,
        variant,
        analysis_set,
        exposure_date,
        segment_name,
        sum(users_count) as users_count,
        sum(open_users_count) as open_users_count
    from experiments.sufficient_statistics
    where segment_name != 'all'
    group by experiment_name, metric_name, variant, analysis_set, exposure_date, segment_name

),

names as (

    select distinct segment_name
    from segments

),

expected as (

    select totals.*, names.segment_name
    from totals
    cross join names

),

differences as (

    select coalesce(expected.experiment_name, segments.experiment_name) as experiment_name
    from expected
    full join segments
        on expected.experiment_name = segments.experiment_name
        and expected.metric_name = segments.metric_name
        and expected.variant = segments.variant
        and expected.analysis_set = segments.analysis_set
        and expected.exposure_date = segments.exposure_date
        and expected.segment_name = segments.segment_name
    where
        expected.users_count is distinct from segments.users_count
        or expected.open_users_count is distinct from segments.open_users_count

)

select
    count(*) as value,
    count(*) || ' days and arms that do not add up' || coalesce(
        ', first of ' || min(experiment_name), ''
    ) as observed,
    'values of a segment that add up to the total' as expected
from differences
