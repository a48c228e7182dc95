{#- Funnels: what the models ask of their definitions. A set of steps is a mask: step k (counted
    among the required ones, except in optional_mask, where all are) is the bit 2 ** (k - 1). -#}

{% macro funnel_rows(table_name, funnel_name) -%}
    {#- One funnel's rows of a definitions table, as a list of dicts. -#}
    {{ return(definition_rows(table_name) | selectattr('funnel_name', 'equalto', funnel_name) | list) }}
{%- endmacro %}

{% macro funnel_segment_columns() -%}
    {#- segment_1, segment_2, ...: as many as the funnel with the most break-downs has. -#}
    {%- set names = [] -%}
    {%- for position in range(1, (definition_rows('funnel_segments') | map(attribute='position') | list + [0]) | max + 1) -%}
        {%- do names.append('segment_' ~ position) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro longest_funnel() -%}
    {#- The number of required steps of the longest funnel. -#}
    {{ return((definition_rows('funnels') | map(attribute='required_count') | list + [1]) | max) }}
{%- endmacro %}

{% macro funnel_first_day(funnel) -%}
    {#- The first entry day whose attempts this run replaces: they can see restate_from. -#}
    {{ restate_from('funnel', funnel.funnel_name) }} - {{ funnel.reach_days }}
{%- endmacro %}

{% macro funnel_mask(matchers) -%}
    {#- The mask of what an event matches, of (value, event_name, condition); none is 0. The
        condition is looked at only where the name fits: it may read JSON. -#}
    {% for matcher in matchers %}
        {%- if matcher.event_name is none and matcher.condition is none -%}{{ matcher.value }}
        {%- else -%}
            case
                when {{ 'true' if matcher.event_name is none else 'event_name = ' ~ literal(matcher.event_name) }}
                    then {{ matcher.value if matcher.condition is none else 'case when ' ~ matcher.condition ~ ' then ' ~ matcher.value ~ ' else 0 end' }}
                else 0
            end
        {%- endif %}{{ ' + ' if not loop.last }}
    {%- else -%}0
    {%- endfor %}
{%- endmacro %}

{% macro funnel_matchers(rows, numbered_by) -%}
    {#- Rows of steps or exclusions as (value, event_name, condition). -#}
    {%- set matchers = [] -%}
    {%- for row in rows -%}
        {%- do matchers.append({
            'value': 2 ** (row[numbered_by] - 1), 'event_name': row.event_name, 'condition': row.condition,
        }) -%}
    {%- endfor -%}
    {{ return(matchers) }}
{%- endmacro %}

{% macro followed_units(experiment_name) -%}
    {#- Whom an experiment follows, from when until when; the event that exposed them is left out. -#}
    select
        unit_id as followed_user_id,
        first_exposed_at as followed_from,
        window_closes_at as followed_until,
        first_event_id as exposed_by_event_id
    from {{ ref('int_exposures') }}
    where experiment_name = {{ literal(experiment_name) }} and is_analysed
{%- endmacro %}

{% macro is_of_product(relation) -%}
    {#- Whether a row is of a funnel of product.yml, not of one that an experiment follows. -#}
    {%- set followed = definition_rows('funnels') | selectattr('experiment_name') | map(attribute='funnel_name') | list -%}
    {% if followed %}{{ relation }}.funnel_name not in ({{ literals(followed) }}){% else %}true{% endif %}
{%- endmacro %}

{% macro held_values(hold) -%}
    {#- The values that an event carries of a held property, as a list of texts: each element of an
        array, else the value itself; none where it is missing. -#}
    {%- if hold.expression is none -%}[session_id]
    {%- elif hold.pointer is none -%}[{{ hold.expression }}]
    {%- else -%}
        case
            when json_type(properties, {{ literal(hold.pointer) }}) = 'ARRAY'
                then list_distinct(from_json(json_extract(properties, {{ literal(hold.pointer) }}), '["VARCHAR"]'))
            else [{{ hold.expression }}]
        end
    {%- endif -%}
{%- endmacro %}

{% macro funnel_unit(relation=none) -%}
    {#- The columns of the counting unit. -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}funnel_name, {{ prefix }}user_id, {{ prefix }}hold_constant_value
{%- endmacro %}

{% macro same_funnel_unit(left, right) -%}
    {{ left }}.funnel_name = {{ right }}.funnel_name
    and {{ left }}.user_id = {{ right }}.user_id
    and {{ left }}.hold_constant_value = {{ right }}.hold_constant_value
{%- endmacro %}

{% macro funnel_reach(instant, depth) -%}
    {#- The depth that the events of an instant allow to an attempt at a depth. -#}
    coalesce({{ instant }}.reaches[{{ depth }} + 1], {{ depth }} + (({{ instant }}.steps_mask >> {{ depth }}) & 1))
{%- endmacro %}

{% macro funnel_follow(known, instant) -%}
    {#- What is known of an attempt after one more instant: see int_funnel_scans. -#}
    struct_pack(
        chains := list_transform(depths, lambda to_depth: list_transform(
            list_slice(list_filter(
                range(to_depth, 0, -1),
                lambda from_depth: {{ known }}.chains[from_depth] is not null
                    and (not is_strict or from_depth < to_depth)
                    and {{ funnel_reach(instant, 'from_depth') }} >= to_depth
                    and len(list_filter(
                        exclusions,
                        lambda excluded: ({{ instant }}.exclusions_mask >> (excluded.position - 1)) & 1 = 1
                            and {{ instant }}.event_at < closes_at
                            and excluded.after_step <= from_depth
                            and excluded.before_step > to_depth
                    )) = 0
            ), 1, 1),
            lambda from_depth: list_resize(
                {{ known }}.chains[from_depth], to_depth - entry_step + 1, {{ instant }}.event_at
            )
        )[1]),
        best := coalesce(
            list_transform(
                list_slice(list_filter(
                    list_reverse(depths),
                    lambda to_depth: to_depth - entry_step + 1 > len({{ known }}.best)
                        and len(list_filter(
                            range(to_depth - 1, 0, -1),
                            lambda from_depth: {{ known }}.chains[from_depth] is not null
                                and {{ funnel_reach(instant, 'from_depth') }} >= to_depth
                        )) > 0
                ), 1, 1),
                lambda to_depth: list_resize(
                    {{ known }}.chains[list_filter(
                        range(to_depth - 1, 0, -1),
                        lambda from_depth: {{ known }}.chains[from_depth] is not null
                            and {{ funnel_reach(instant, 'from_depth') }} >= to_depth
                    )[1]],
                    to_depth - entry_step + 1,
                    {{ instant }}.event_at
                )
            )[1],
            {{ known }}.best
        )
    )
{%- endmacro %}

{% macro best_attempt_first() -%}
    {#- The order of attempts: the best comes first. -#}
    depth desc, entry_step, reached_at, entered_at desc
{%- endmacro %}

{% macro funnel_periods() -%}
    {#- Over which entries a funnel is counted: all, and by entry day and week. -#}
    {{ return(['all', 'day', 'week']) }}
{%- endmacro %}
