{#- Nothing but the units with the names of their dimensions. -#}
{%- set dimensions = experiment_dimensions() %}

-- depends_on: {{ ref('int_experiment_periods') }}
with judged as (

    {{ judged_units() }}

),
{% if dimensions %}
combinations as (

    -- There are few: a map is dear to make.
    select
        {{ dimensions | map(attribute='column') | join(', ') }},
        {{ segment_map() }} as segment_values
    from judged
    group by {{ dimensions | map(attribute='column') | join(', ') }}

),
{% endif %}
final as (

    select
        judged.experiment_name,
        judged.unit_id,
        {{ setting('unit_kind', of='judged.experiment_name') }} as unit_kind,
        judged.first_variant,
        judged.first_exposed_at,
        judged.second_exposed_at,
        judged.exposures_count,
        judged.variants_count,
        judged.window_closes_at,
        judged.is_closed,
        judged.exclusion_reason,
        judged.is_activated,
        {{ 'combinations.segment_values' if dimensions else segment_map() ~ ' as segment_values' }}
    from judged
    {% if dimensions %}
    inner join combinations using ({{ dimensions | map(attribute='column') | join(', ') }})
    {% endif %}

)

select * from final
