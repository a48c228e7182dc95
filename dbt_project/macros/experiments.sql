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

{% macro numbered_metrics() -%}
    {#- The metrics of experiments, each with a number that is the same wherever a run asks for it. -#}
    select
        *,
        row_number() over (order by experiment_name, metric_name) as metric_key
    from {{ definitions_table('experiment_metrics') }}
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

{% macro periods_of_24_hours(days) -%}
    {#- So many periods as an interval. -#}
    to_hours(24 * cast({{ days }} as bigint))
{%- endmacro %}

{% macro planned_arms() -%}
    {#- The variants that experiments planned, each with a number. -#}
    {%- set found = [] -%}
    {%- for experiment in experiments() -%}
        {%- for variant in experiment.variants -%}
            {%- do found.append((experiment.experiment_name, variant)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for experiment_name, variant in found %}
    select
        {{ literal(experiment_name) }} as experiment_name,
        {{ literal(variant) }} as variant,
        {{ loop.index }} as arm_key
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as experiment_name,
        cast(null as varchar) as variant,
        0 as arm_key
    where false
    {%- endfor %}
{%- endmacro %}

{% macro experiment_names() -%}
    {{ return(experiments() | map(attribute='experiment_name') | list) }}
{%- endmacro %}

{% macro shared_conditions() -%}
    {#- The conditions of experiments that the same event shows, as columns shows_1, shows_2, ...: side
        by side they take a property apart once, in the branches of a case each would again. -#}
    {%- set found = experiments() -%}
    {%- set events = found | map(attribute='exposure_event') | list -%}
    {%- for experiment in found -%}
    {%- if experiment.exposure_condition and events.count(experiment.exposure_event) > 1 -%}
    coalesce({{ experiment.exposure_condition }}, false) as shows_{{ loop.index }},
    {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro showing(event_name) -%}
    {#- The experiments that an event of this name may show, those of any event too, as pairs of the
        name and the condition; never NULL. -#}
    {%- set found = experiments() -%}
    {%- set events = found | map(attribute='exposure_event') | list -%}
    {%- set pairs = [] -%}
    {%- for experiment in found -%}
        {%- if experiment.exposure_event in (event_name, none) -%}
            {%- set condition = event_matches(none, experiment.exposure_condition) -%}
            {%- if experiment.exposure_condition and events.count(experiment.exposure_event) > 1 -%}
                {%- set condition = 'shows_' ~ loop.index -%}
            {%- endif -%}
            {%- do pairs.append((experiment.experiment_name, condition)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}

{% macro by_exposure_event(what, names) -%}
    {#- What a macro says of an event, by its name; `names` are those of exposures, none is any. -#}
    {%- if names == [none] -%}
    {{ what(none) }}
    {%- else -%}
    case
        {%- for name in names if name is not none %}
        when event_name = {{ literal(name) }} then {{ what(name) }}
        {%- endfor %}
        {%- if none in names %}
        else {{ what(none) }}
        {%- endif %}
    end
    {%- endif -%}
{%- endmacro %}

{% macro experiments_count_by(event_name) -%}
    {#- How many experiments an event of this name shows. -#}
    {%- for _, condition in showing(event_name) -%}
    cast({{ condition }} as integer){{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro experiments_shown_by(event_name) -%}
    {#- The names of the experiments that an event of this name shows, where shown_count tells how
        many: most show one, and a list of many to choose from is dear. -#}
    {%- set pairs = showing(event_name) -%}
    case
        when shown_count = 1 then [
            case {% for name, condition in pairs %}when {{ condition }} then {{ literal(name) }} {% endfor %}end
        ]
        when shown_count > 1 then list_where(
            [{{ literals(pairs | map('first') | list) }}], [{{ pairs | map('last') | join(', ') }}]
        )
    end
{%- endmacro %}

{% macro setting(attribute, of='experiment_name') -%}
    {#- What product.yml says of the experiment that a row is of, as a literal. The planner knows it
        for what it is: few values, where a join of a table of them may be the first that it does. -#}
    {%- set names = {} -%}
    {%- for experiment in experiments() -%}
        {%- do names.setdefault(experiment[attribute], []).append(experiment.experiment_name) -%}
    {%- endfor -%}
    {%- if names | length == 1 -%}
    {{ literal(names.keys() | first) }}
    {%- else -%}
    case
        {%- for value, those in names.items() %}
        when {{ of }} in ({{ literals(those) }}) then {{ literal(value) }}
        {%- else %}
        when false then cast(null as varchar)
        {%- endfor %}
    end
    {%- endif -%}
{%- endmacro %}

{% macro of_experiments(attribute) -%}
    {#- An expression of the experiment that a row is of, written once when all have the same. -#}
    {%- set expressions = experiments() | map(attribute=attribute) | unique(case_sensitive=true) | list -%}
    {%- if expressions | length < 2 -%}
    {{ expressions[0] or 'cast(null as varchar)' }}
    {%- else -%}
    case
        {%- for expression in expressions %}
        when experiment_name in ({{ literals(experiments() | selectattr(attribute, 'equalto', expression) | map(attribute='experiment_name') | list) }})
            then {{ expression }}
        {%- endfor %}
        else cast(null as varchar)
    end
    {%- endif -%}
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

{% macro values_counted(values) -%}
    {#- A row for each value that an event counts for, with what it adds. Events have few values of
        their own: only those are asked whether they count; one that does not is a row of NULL. -#}
    {%- set names = values | map(attribute='event') | unique(case_sensitive=true) | list -%}
    unnest(
            {% if names | reject('none') | list -%}
            case
                {% for name in names if name is not none %}
                when event_name = {{ literal(name) }}
                    then [{{ values_of_event(values, name) }}]
                {% endfor %}
                else {{ values_of_any_event(values) }}
            end,
            {%- else -%}
            {{ values_of_any_event(values) }},
            {%- endif %}

            recursive := true
        )
{%- endmacro %}

{% macro values_of_any_event(values) -%}
    cast([{{ values_of_event(values, none) }}] as struct(value_name varchar, value double)[])
{%- endmacro %}

{% macro values_of_event(values, name) -%}
    {#- What an event of this name may count for; values of any event too. -#}
    {%- set found = [] -%}
    {%- for value in values if value.event in (name, none) -%}
        {%- set counted -%}
        {'value_name': {{ literal(value.value_name) }}, 'value': cast({{ value.value or 1 }} as double)}
        {%- endset -%}
        {%- if value.condition -%}
            {%- set counted = 'case when ' ~ value.condition ~ ' then ' ~ counted ~ ' end' -%}
        {%- endif -%}
        {%- do found.append(counted) -%}
    {%- endfor -%}
    {{ found | join(', ') }}
{%- endmacro %}

{% macro any_value_matches(values) -%}
    {#- Whether an event counts for any of the values: a name alone decides for most. -#}
    {%- set plain = values | rejectattr('condition') | map(attribute='event') | list -%}
    {%- set found = [] -%}
    {%- if none in plain -%}
        {%- do found.append('true') -%}
    {%- elif plain -%}
        {%- set names = plain | unique(case_sensitive=true) | list -%}
        {%- do found.append('event_name in (' ~ literals(names) ~ ')') -%}
    {%- endif -%}
    {%- for value in values if value.condition and value.event not in plain -%}
        {%- do found.append('(' ~ event_matches(value.event, value.condition) ~ ')') -%}
    {%- endfor -%}
    {{ found | join(' or ') }}
{%- endmacro %}

{% macro experiments_counting_exposures(values) -%}
    {#- The names of the experiments of which one of the values may count the event that exposes a
        unit. A step of a funnel may be any event. -#}
    {%- set found = [] -%}
    {%- for experiment in experiments() -%}
        {%- set own = values | selectattr('experiment_name', 'equalto', experiment.experiment_name) -%}
        {%- set counted = own | map(attribute='event') | list -%}
        {%- if counted and (
            experiment.exposure_event is none
            or none in counted
            or experiment.exposure_event in counted
        ) -%}
            {%- do found.append(experiment.experiment_name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro exposing_may_count(unit_expression) -%}
    {#- Whether what exposes a unit may be an event that its experiment counts. -#}
    {%- set names = experiments_counting_exposures(counted_values()) -%}
    {{ return(experiments_of_unit(unit_expression) | select('in', names) | list | length > 0) }}
{%- endmacro %}

{% macro experiments_of_unit(unit_expression) -%}
    {#- The names of the experiments with this unit. -#}
    {{ return(experiments()
        | selectattr('unit_expression', 'equalto', unit_expression)
        | map(attribute='experiment_name') | list) }}
{%- endmacro %}

{% macro values_of_unit(unit_expression) -%}
    {#- What events count for in the experiments with this unit. -#}
    {%- set names = experiments_of_unit(unit_expression) -%}
    {%- set counted = counted_values() | selectattr('experiment_name', 'in', names) | list -%}
    {{ return(first_of_names(counted, 'value_name')) }}
{%- endmacro %}

{% macro restate_from_of_unit(unit_expression) -%}
    {#- The first day that is replaced in any of them. -#}
    {{ return(earliest_restate_from('experiment', experiments_of_unit(unit_expression))) }}
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
