{#- Nothing but the units with the names of their dimensions. -#}
{%- set dimensions = experiment_dimensions() -%}
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
    {% if dimensions %}
    map(
        [{% for dimension in dimensions %}{{ dimension.name }}{{ ', ' if not loop.last }}{% endfor %}],
        [{% for dimension in dimensions %}{{ dimension.column }}{{ ', ' if not loop.last }}{% endfor %}]
    ) as segment_values
    {% else %}
    cast(map([], []) as map(varchar, varchar)) as segment_values
    {% endif %}
from {{ ref('int_exposures') }}
