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
    case number when 9 then 'exposed_before_start' when 7 then 'several_variants' end as exclusion_reason,
    cast(null as boolean) as is_activated
from range(10) as numbers (number)
union all
-- The same people in an experiment that analyses only whom it moved to do something.
select
    'triggered',
    'user-' || number,
    if(number % 2 = 0, 'control', 'new'),
    date '2026-01-12',
    if(number % 3 = 0, 'ios', 'web'),
    true,
    case when number = 7 then 'several_variants' when number < 4 then 'not_activated' end,
    number >= 4
from range(9) as numbers (number);

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
cross join (
    values ('default'), ('first_variant'), ('exposed'), ('exposed_first_variant')
) as sets (analysis_set)
cross join lateral (
    values ('all', 'all'), ('platform', units.platform)
) as segments (segment_name, segment_value)
where
    coalesce(units.exclusion_reason, '') != 'exposed_before_start'
    and (
        coalesce(units.exclusion_reason, '') != 'several_variants'
        or sets.analysis_set like '%first_variant'
    )
    and (
        case when sets.analysis_set like 'exposed%' then units.is_activated is not null
            else units.is_activated is distinct from false
        end
    )
    and (sets.analysis_set not like 'exposed%' or segments.segment_name = 'all')
group by all;
