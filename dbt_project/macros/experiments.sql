{#- Experiments of product.yml: their units, windows and the numbers that are counted of a unit. -#}

{% macro experiments() -%}
    {#- A dict per experiment: its columns, and `variants` (names in order). -#}
    {%- set variants = definition_rows('experiment_variants') -%}
    {%- set found = definition_rows('experiments') -%}
    {%- for row in found -%}
        {%- do row.update({
            'variants': variants
                | selectattr('experiment_name', 'equalto', row.experiment_name)
                | sort(attribute='position') | map(attribute='variant') | list,
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro experiment_values() -%}
    {#- The numbers of a unit: a dict per experiment and value. -#}
    {{ return(definition_rows('experiment_values')) }}
{%- endmacro %}

{% macro counted_values() -%}
    {#- Those that are counted from single events; whether a step was reached tell the funnels. -#}
    {{ return(experiment_values() | rejectattr('aggregate', 'equalto', 'reached') | list) }}
{%- endmacro %}

{% macro counted_unit_expressions() -%}
    {#- The units of the experiments that have such a value. -#}
    {%- set counted = counted_values() | map(attribute='experiment_name') | list -%}
    {%- set found = experiments() | selectattr('experiment_name', 'in', counted) -%}
    {{ return(found | map(attribute='unit_expression') | unique(case_sensitive=true) | list) }}
{%- endmacro %}

{% macro experiment_metrics() -%}
    {#- The metrics of experiments: dicts with the names of their value and of its denominator. -#}
    {{ return(definition_rows('experiment_metrics')) }}
{%- endmacro %}

{% macro experiment_settings() -%}
    {#- One row per experiment: when enrolment begins and ends, how long a unit is followed. -#}
    {%- for experiment in experiments() %}
    select
        {{ literal(experiment.experiment_name) }} as experiment_name,
        {{ literal(experiment.unit_kind) }} as unit_kind,
        {{ literal(experiment.unit_expression) }} as unit_expression,
        {{ day_start("date '" ~ experiment.starts_on ~ "'") }} as starts_at,
        {%- if experiment.ends_on %}
        {{ day_start("date '" ~ experiment.ends_on ~ "'") }} as ends_at,
        {%- else %}
        timestamp 'infinity' as ends_at,
        {%- endif %}
        {{ experiment.window_days }} as window_days,
        {{ experiment.pre_exposure_days }} as pre_exposure_days
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as experiment_name,
        cast(null as varchar) as unit_kind,
        cast(null as varchar) as unit_expression,
        cast(null as timestamp) as starts_at,
        cast(null as timestamp) as ends_at,
        0 as window_days,
        0 as pre_exposure_days
    where false
    {%- endfor %}
{%- endmacro %}

{% macro triggered_experiments() -%}
    {#- The names of those that analyse only units which did what `activation` asks. -#}
    {{ return(experiments() | selectattr('is_triggered', 'defined') | selectattr('is_triggered') | map(attribute='experiment_name') | list) }}
{%- endmacro %}

{% macro judged_units() -%}
    {#- Every exposed unit with whether it was activated: NULL where nothing asks for it, or it was
        never a unit of the experiment. One that was not is left out of the default analysis. -#}
    {%- set names = triggered_experiments() %}
    select
        exposures.* exclude (exclusion_reason),
        {% if names -%}
        case
            when exposures.is_analysed and exposures.experiment_name in ({{ literals(names) }})
                then activated.unit_id is not null
        end as is_activated,
        coalesce(
            exposures.exclusion_reason, case when not is_activated then 'not_activated' end
        ) as exclusion_reason
        {%- else -%}
        cast(null as boolean) as is_activated,
        exposures.exclusion_reason
        {%- endif %}
    from {{ ref('int_exposures') }} as exposures
    {% if names -%}
    left join (
        select distinct experiment_name, unit_id
        from {{ ref('int_experiment_periods') }}
        where starts_with(value_name, '(activation)') and period_index >= 0
    ) as activated
        on exposures.experiment_name = activated.experiment_name
        and exposures.unit_id = activated.unit_id
    {%- endif %}
{%- endmacro %}

{% macro analysis_sets() -%}
    {#- Which units each analysis is of, as dicts: name, condition and whether it is broken down. -#}
    {%- set sets = [
        {'name': 'default', 'condition': 'exclusion_reason is null', 'has_slices': true},
        {'name': 'first_variant', 'condition': 'is_activated is distinct from false', 'has_slices': true},
    ] -%}
    {%- if triggered_experiments() -%}
        {%- do sets.append({
            'name': 'exposed',
            'condition': "is_activated is not null and coalesce(exclusion_reason, '') != 'several_variants'",
            'has_slices': false,
        }) -%}
        {%- do sets.append({
            'name': 'exposed_first_variant', 'condition': 'is_activated is not null', 'has_slices': false,
        }) -%}
    {%- endif -%}
    {{ return(sets) }}
{%- endmacro %}

{% macro periods_of_24_hours(days) -%}
    {#- So many periods as an interval. -#}
    to_hours(24 * cast({{ days }} as bigint))
{%- endmacro %}

{% macro is_planned_variant(relation, variant) -%}
    {#- Whether a row's variant is one that its experiment planned. -#}
    case {{ relation }}.experiment_name
        {%- for experiment in experiments() %}
        when {{ literal(experiment.experiment_name) }} then {{ relation }}.{{ variant }} in ({{ literals(experiment.variants) }})
        {%- else %}
        when null then false
        {%- endfor %}
        else false
    end
{%- endmacro %}

{% macro exposures_shown(event_name) -%}
    {#- What an event of this name shows of each experiment that is shown by it, or by any event. -#}
    [
        {%- for experiment in experiments() if experiment.exposure_event in (event_name, none) %}
        case
            when
                event_date >= {{ restate_from('experiment', experiment.experiment_name) }}
                and {{ event_matches(none, experiment.exposure_condition) }}
                then struct_pack(
                    experiment_name := {{ literal(experiment.experiment_name) }},
                    unit_id := {{ experiment.unit_expression }},
                    variant := {{ experiment.variant_expression }}
                )
        end{{ ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}

{% macro events_before(incomplete, unit_expression, experiment_names) -%}
    {#- The segments of a unit's last events before an incomplete one, by that one's event_id, of the
        experiments with this unit. -#}
    select
        incomplete.experiment_name,
        incomplete.event_id,
        {% for column in segment_columns() %}
        arg_max(events.{{ column }}, struct_pack(at := events.event_at, id := events.event_id))
            filter (where events.{{ column }} != '(none)') as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ incomplete }} as incomplete
    inner join (
        select
            {{ unit_expression }} as unit_id,
            {{ comma_columns(segment_columns()) }}
            event_at,
            event_id
        from {{ ref('int_events_segmented') }}
    ) as events on incomplete.unit_id = events.unit_id
    where
        incomplete.experiment_name in ({{ literals(experiment_names) }})
        and (
            events.event_at < incomplete.event_at
            or (events.event_at = incomplete.event_at and events.event_id < incomplete.event_id)
        )
    group by incomplete.experiment_name, incomplete.event_id
{%- endmacro %}

{% macro is_any_missing(columns) -%}
    {#- Whether a row lacks the value of any segment. -#}
    ({% for column in columns %}{{ column }} = '(none)'{{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro most_segment_values() -%}
    {#- How many values of a dimension an experiment shows; the rest are one. -#}
    {{ return(20) }}
{%- endmacro %}

{% macro value_events(unit_expression, values, where) -%}
    {#- The events that count for any of the values, a row for each value, with what they add. -#}
    select
        unit_id,
        event_id,
        event_at,
        unnest(counted, recursive := true)
    from (
        select
            {{ unit_expression }} as unit_id,
            event_id,
            event_at,
            [
                {% for value in values %}
                case
                    when {{ event_matches(value.event, value.condition) }}
                        then {
                            'value_name': {{ literal(value.value_name) }},
                            'value': cast({{ value.value or 1 }} as double)
                        }
                end{{ ',' if not loop.last }}
                {% endfor %}
            ] as counted
        from {{ ref('int_events_segmented') }}
        where
            {{ where }}
            and (
                {% for value in values %}
                ({{ event_matches(value.event, value.condition) }}){{ ' or' if not loop.last }}
                {% endfor %}
            )
    )
{%- endmacro %}

{% macro value_events_of_unit(unit_expression, days_before) -%}
    {#- The same for all experiments of a unit, from so many days before what the run replaces. -#}
    {%- set names = experiments()
        | selectattr('unit_expression', 'equalto', unit_expression)
        | map(attribute='experiment_name') | list -%}
    {%- set counted = counted_values() | selectattr('experiment_name', 'in', names) | list -%}
    {{ value_events(
        unit_expression,
        first_of_names(counted, 'value_name'),
        events_since(earliest_restate_from('experiment', names) ~ ' - ' ~ days_before)
    ) }}
{%- endmacro %}

{% macro first_of_names(rows, attribute) -%}
    {#- The first row of each value of an attribute. -#}
    {%- set names, found = [], [] -%}
    {%- for row in rows if row[attribute] not in names -%}
        {%- do names.append(row[attribute]) -%}{%- do found.append(row) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro rollout_days() -%}
    {#- Over how many days the effect at full roll-out is told: a month of whole weeks. -#}
    {{ return(28) }}
{%- endmacro %}

{% macro experiment_dimensions() -%}
    {#- What results are broken down by, as dicts: name and column of a unit's value. -#}
    {%- set found = [] -%}
    {%- for segment in segments() -%}
        {%- do found.append({'name': literal(segment.segment_name), 'column': 'segment_' ~ segment.position}) -%}
    {%- endfor -%}
    {%- if personas() -%}{%- do found.append({'name': "'persona'", 'column': 'persona'}) -%}{%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{% macro segment_map() -%}
    {#- The values of a unit by the name of the dimension. -#}
    {%- set dimensions = experiment_dimensions() -%}
    cast(map(
        [{{ dimensions | map(attribute='name') | join(', ') }}],
        [{{ dimensions | map(attribute='column') | join(', ') }}]
    ) as map(varchar, varchar))
{%- endmacro %}

{% macro shown_value(relation, column) -%}
    {#- A unit's value of a dimension, when it is one of those that are shown. -#}
    if({{ column }}_values.is_shown is false, '(other)', {{ relation }}.{{ column }})
{%- endmacro %}

{% macro comoment(left, right) -%}
    {#- The sum of products of deviations from the means, over closed units: never a sum of squares,
        whose difference has no correct digit for values near 1e8. -#}
    covar_pop({{ left }}, {{ right }}) filter (where is_closed) * count(*) filter (where is_closed)
{%- endmacro %}

{% macro unit_statistics() -%}
    {#- Count, means and co-moments of the units of a group; what is no part of the metric is NULL. -#}
    {%- set variables = ['metric', 'denominator', 'covariate', 'covariate_denominator'] %}
        count(*) filter (where is_closed) as users_count,
        count(*) filter (where not is_closed) as open_users_count,
        {% for variable in variables %}
        avg({{ variable }}_value) filter (where is_closed) as {{ variable }}_mean,
        {% endfor %}
        {% for left in variables %}
        {% for right in variables[loop.index0:] %}
        {{ comoment(left ~ '_value', right ~ '_value') }} as {{ left }}_{{ right }}_comoment,
        {% endfor %}
        {% endfor %}
        avg(half_change) filter (where is_closed) as half_change_mean,
        {{ comoment('half_change', 'half_change') }} as half_change_comoment,
        any_value(cap) as cap
{%- endmacro %}
