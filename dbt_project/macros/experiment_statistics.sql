{#- What is counted of an experiment's units together: by which sets and break-downs, of which metrics. -#}

{% macro analysis_sets() -%}
    {#- Which units each analysis is of, as dicts: name, condition and what it is broken down by. -#}
    {%- set dimensions = experiment_dimensions() -%}
    {%- set sets = [
        {'name': 'default', 'condition': 'exclusion_reason is null', 'dimensions': dimensions},
        {'name': 'first_variant', 'condition': 'is_activated is distinct from false', 'dimensions': dimensions},
    ] -%}
    {%- if triggered_experiments() -%}
        {%- do sets.append({
            'name': 'exposed',
            'condition': "is_activated is not null and coalesce(exclusion_reason, '') != 'several_variants'",
            'dimensions': [],
        }) -%}
        {%- do sets.append({
            'name': 'exposed_first_variant', 'condition': 'is_activated is not null', 'dimensions': [],
        }) -%}
    {%- endif -%}
    {{ return(sets) }}
{%- endmacro %}

{% macro most_segment_values() -%}
    {#- How many values of a dimension an experiment shows; the rest are one. -#}
    {{ return(20) }}
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

{% macro slice_dimensions() -%}
    {#- In all and by each break-down: dicts of name and column. -#}
    {{ return([{'name': "'all'", 'column': "'all'"}] + experiment_dimensions()) }}
{%- endmacro %}

{% macro group_by_slices(keys, dimensions) -%}
    {#- Groups of units by the keys, in all and by each of the break-downs: one pass over the units. -#}
    group by grouping sets (
        ({{ keys }})
        {%- for dimension in dimensions %},
        ({{ keys }}, {{ dimension.column }})
        {%- endfor %}
    )
{%- endmacro %}

{% macro slice_of_group(first, dimensions) -%}
    {#- The number of such a group's slice, counted from `first`, and its value. Every unit has a value
        of each break-down: only that of the group's own is there. -#}
    {%- if dimensions -%}
    case
        {%- for dimension in dimensions %}
        when {{ dimension.column }} is not null then {{ first + loop.index }}
        {%- endfor %}
        else {{ first }}
    end as slice,
    coalesce({{ dimensions | map(attribute='column') | join(', ') }}, 'all') as segment_value
    {%- else -%}
    {{ first }} as slice,
    'all' as segment_value
    {%- endif -%}
{%- endmacro %}

{% macro segment_map() -%}
    {#- The values of a unit by the name of the dimension. -#}
    {%- set dimensions = experiment_dimensions() -%}
    cast(map(
        [{{ dimensions | map(attribute='name') | join(', ') }}],
        [{{ dimensions | map(attribute='column') | join(', ') }}]
    ) as map(varchar, varchar))
{%- endmacro %}

{% macro capped(value, cap) -%}
    {#- A number of a unit, 0 when it has none, but never more than the cap. -#}
    least(coalesce({{ value }}, 0), coalesce({{ cap }}, 'infinity'))
{%- endmacro %}

{% macro metric_kinds() -%}
    {#- What is known of a unit by the kind of the metric: name, variables, which rows they are. -#}
    {{ return([
        {
            'name': 'plain', 'condition': 'denominator_value is null',
            'variables': ['metric_value', 'covariate_value', 'half_change'],
        },
        {
            'name': 'ratio', 'condition': 'denominator_value is not null',
            'variables': ['metric_value', 'denominator_value', 'covariate_value',
                          'covariate_denominator_value'],
        },
    ]) }}
{%- endmacro %}

{% macro comoments(variables) -%}
    {#- The pairs whose co-moment is kept, as dicts: left, right, name. A half change stands alone. -#}
    {%- set found = [] -%}
    {%- for left in variables -%}
        {%- for right in variables[loop.index0:] if left == right or 'half_change' not in (left, right) -%}
            {%- set name = left.removesuffix('value') ~ right.removesuffix('value') ~ 'comoment' -%}
            {%- if left == 'half_change' -%}{%- set name = 'half_change_comoment' -%}{%- endif -%}
            {%- do found.append({'left': left, 'right': right, 'name': name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro statistics_of_doers(variables) -%}
    {#- Count, means and co-moments of the units that have a row of the metric: never a sum of
        squares, whose difference has no correct digit for values near 1e8. -#}
        count(*) as doers_count,
        {% for variable in variables %}
        avg({{ variable }}) as {{ variable }},
        {% endfor %}
        {% for pair in comoments(variables) %}
        {% if pair.left == pair.right -%}
        var_pop({{ pair.left }})
        {%- else -%}
        covar_pop({{ pair.left }}, {{ pair.right }})
        {%- endif %} * count(*) as {{ pair.name }}{{ ',' if not loop.last }}
        {% endfor %}
{%- endmacro %}

{% macro unit_variables() -%}
    {#- All that may be known of a unit; what is no part of its metric is NULL. -#}
    {{ return(['metric_value', 'denominator_value', 'covariate_value',
               'covariate_denominator_value', 'half_change']) }}
{%- endmacro %}

{% macro statistics_of_groups(counted, did, idle, keys, columns, variables) -%}
    {#- Means and co-moments of all units that a group counted: of those that did something and of
        those that are all alike (idle), put together as two slices (Chan). Groups of which nobody did
        anything follow; one without a closed unit has no number. -#}
    {%- set idle_share = '(1 - did.doers_count / counted.users_count)' %}
    select
        {{ columns | join(', ') }},
        idle.metric_name,
        {% for variable in unit_variables() %}
        {% if variable in variables -%}
        did.{{ variable }} + (idle.{{ variable }} - did.{{ variable }}) * {{ idle_share }}
        {%- else -%}
        cast(null as double)
        {%- endif %} as {{ variable.removesuffix('_value') }}_mean,
        {% endfor %}
        {% for pair in comoments(unit_variables()) %}
        {% if pair in comoments(variables) -%}
        did.{{ pair.name }}
        + (did.{{ pair.left }} - idle.{{ pair.left }}) * (did.{{ pair.right }} - idle.{{ pair.right }})
        * did.doers_count * {{ idle_share }}
        {%- else -%}
        cast(null as double)
        {%- endif %} as {{ pair.name }},
        {% endfor %}
        idle.cap
    from {{ did }} as did
    inner join {{ counted }} as counted using ({{ keys | join(', ') }})
    inner join {{ idle }} as idle
        on did.metric_key = idle.metric_key

    union all

    select
        {{ columns | join(', ') }},
        idle.metric_name,
        {% for variable in unit_variables() %}
        if(counted.users_count > 0, idle.{{ variable }}, null)
            as {{ variable.removesuffix('_value') }}_mean,
        {% endfor %}
        {% for pair in comoments(unit_variables()) %}
        case
            when counted.users_count > 0
                and idle.{{ pair.left }} is not null and idle.{{ pair.right }} is not null
                then 0.0
        end as {{ pair.name }},
        {% endfor %}
        idle.cap
    from {{ counted }} as counted
    inner join {{ idle }} as idle on counted.experiment_name = idle.experiment_name
    anti join {{ did }} as did
        on idle.metric_key = did.metric_key
        {% for key in keys %}
        and counted.{{ key }} = did.{{ key }}
        {% endfor %}
{%- endmacro %}
