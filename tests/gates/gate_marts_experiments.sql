-- Marts of the family experiments: people of two arms, exposed over two days, one of them twice.
create schema experiments;

create table experiments.exposures as
select
    'songs' as experiment_name,
    'user-' || number as unit_id,
    if(number % 2 = 0, 'control', 'new') as first_variant,
    date '2026-01-12' + cast(number // 5 as integer) as exposure_date,
    if(number % 3 = 0, 'ios', 'web') as platform,
    number != 8 as is_closed,
    case number when 9 then 'exposed_before_start' when 7 then 'several_variants' end as exclusion_reason
from range(10) as numbers (number);

create table experiments.sufficient_statistics as
select
    units.experiment_name,
    metrics.metric_name,
    units.first_variant as variant,
    sets.analysis_set,
    segments.segment_name,
    segments.segment_value,
    units.exposure_date,
    count(*) filter (where units.is_closed) as users_count,
    count(*) filter (where not units.is_closed) as open_users_count
from experiments.exposures as units
cross join (values ('played'), ('liked')) as metrics (metric_name)
cross join (values ('default'), ('first_variant')) as sets (analysis_set)
cross join lateral (
    values ('all', 'all'), ('platform', units.platform)
) as segments (segment_name, segment_value)
where
    (units.exclusion_reason is null or (
        units.exclusion_reason = 'several_variants' and sets.analysis_set = 'first_variant'
    ))
    and (sets.analysis_set = 'default' or segments.segment_name = 'all')
group by all;
