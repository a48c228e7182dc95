{#- Nothing but the units with the names of their dimensions. -#}
-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

)

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
    is_activated,
    {{ segment_map() }} as segment_values
from judged
