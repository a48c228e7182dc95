-- Units of each experiment and variant; those that are left out are counted apart.
select
    experiment_name || ': ' || first_variant as variant,
    count(*) filter (where exclusion_reason is null) as units,
    count(*) filter (where exclusion_reason is null and is_closed) as window_over,
    count(*) filter (where exclusion_reason is not null) as left_out
from experiments.exposures
group by experiment_name, first_variant
order by experiment_name, first_variant
