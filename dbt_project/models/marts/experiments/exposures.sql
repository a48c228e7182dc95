{#- Nothing but the units with the names of their dimensions. -#}
select
    experiment_name,
    unit_id,
    unit_kind,
    first_variant,
    first_exposed_at,
    second_exposed_at,
    exposures_count,
    variants_count,
    window_closes_at,
    is_closed,
    exclusion_reason,
    {{ segment_map() }} as segment_values
from {{ ref('int_exposures') }}
