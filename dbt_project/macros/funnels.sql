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

{% macro keyed_funnels() -%}
    {#- The definitions of funnels with their number in this run: how models join them to units. -#}
    (
        select
            *,
            row_number() over (order by funnel_name) as funnel_key
        from {{ definitions_table('funnels') }}
    )
{%- endmacro %}

{% macro has_exclusions() -%}
    {#- Whether a funnel of keyed_funnels has events that end its attempts. -#}
    funnel_name in (select exclusions.funnel_name from {{ definitions_table('funnel_exclusions') }} as exclusions)
{%- endmacro %}

{% macro chained_funnels() -%}
    {#- The numbers of the funnels that nothing can end but time, which int_funnel_chains finds alone. -#}
    {%- set excluding = definition_rows('funnel_exclusions') | map(attribute='funnel_name') | list -%}
    {%- set keys = [] -%}
    {%- for funnel in definition_rows('funnels') -%}
        {%- if funnel.event_order == 'ordered' and funnel.funnel_name not in excluding -%}
            {%- do keys.append(loop.index) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(keys) }}
{%- endmacro %}

{% macro most_funnels() -%}
    {#- More than a product has. A person in a funnel is one integer, unit_key: the person's number
        times this, and the funnel's. It joins, sorts and groups far faster than names. -#}
    {{ return(10000) }}
{%- endmacro %}

{% macro funnel_unit_key(person_key, funnel_key) -%}
    cast({{ person_key }} as bigint) * {{ most_funnels() }} + {{ funnel_key }}
{%- endmacro %}

{% macro funnel_key_of(relation) -%}
    {#- The number of a unit's funnel. -#}
    {{ relation }}.unit_key % {{ most_funnels() }}
{%- endmacro %}

{% macro person_key_of(relation) -%}
    cast({{ relation }}.unit_key // {{ most_funnels() }} as integer)
{%- endmacro %}

{% macro has_holds() -%}
    {#- Whether any funnel holds a property. -#}
    {{ return(definition_rows('funnel_holds') | length > 0) }}
{%- endmacro %}

{% macro funnel_unit(relation=none) -%}
    {#- The columns of the counting unit. Where no funnel holds a property there is no column for it: a
        text that is always empty costs as much to write, sort and group by as any other. -#}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}unit_key{% if has_holds() %}, {{ prefix }}hold_constant_value{% endif %}
{%- endmacro %}

{% macro same_funnel_unit(left, right) -%}
    {{ left }}.unit_key = {{ right }}.unit_key
    {%- if has_holds() %}
    and {{ left }}.hold_constant_value = {{ right }}.hold_constant_value
    {%- endif %}
{%- endmacro %}

{% macro column_of_segment(funnel_segment) -%}
    {#- The wide column of the product's break-down that is the same as a funnel's; none is none. -#}
    {%- for segment in segments() if segment.expression == funnel_segment.expression -%}
        {{ return('segment_' ~ segment.position) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{% macro funnel_is_coded(funnel) -%}
    {#- Whether the numbers of int_events_listed say all that a funnel asks of an event: names, and
        break-downs that are the product's. What an experiment follows leaves out an event by its id. -#}
    {%- set matchers = funnel_rows('funnel_steps', funnel.funnel_name) + funnel_rows('funnel_exclusions', funnel.funnel_name) -%}
    {%- set columns = [] -%}
    {%- for segment in funnel_rows('funnel_segments', funnel.funnel_name) -%}
        {%- do columns.append(column_of_segment(segment)) -%}
    {%- endfor -%}
    {{ return(
        not funnel.experiment_name
        and matchers | rejectattr('condition', 'none') | list | length == 0
        and funnel_rows('funnel_holds', funnel.funnel_name) | length == 0
        and none not in columns
    ) }}
{%- endmacro %}

{% macro funnel_text_columns() -%}
    {#- What int_funnel_events has of an event in texts, where a funnel is read from the lake. -#}
    {%- for funnel in definition_rows('funnels') if not funnel_is_coded(funnel) -%}
        {{ return(['event_id'] + funnel_segment_columns()) }}
    {%- endfor -%}
    {{ return([]) }}
{%- endmacro %}

{% macro funnel_text(events, column) -%}
    {#- Such a column; NULL where there are none. -#}
    {% if column in funnel_text_columns() %}{{ events }}.{{ column }}{% else %}cast(null as varchar){% endif %}
{%- endmacro %}

{% macro funnel_kind_values() -%}
    {#- What each kind of event has for the break-downs of each funnel that is read in numbers. -#}
    {% for funnel in definition_rows('funnels') if funnel_is_coded(funnel) -%}
    {%- set segments = funnel_rows('funnel_segments', funnel.funnel_name) -%}
    select
        keyed.funnel_key,
        kinds.kind_key
        {%- for column in funnel_segment_columns() %},
        {% if loop.index > segments | length -%}
        cast(null as varchar)
        {%- else -%}
        kinds.{{ column_of_segment(segments[loop.index0]) }}
        {%- endif %} as {{ column }}
        {%- endfor %}
    from {{ keyed_funnels() }} as keyed
    cross join {{ ref('int_event_kinds') }} as kinds
    where keyed.funnel_name = {{ literal(funnel.funnel_name) }}

    union all

    {% endfor -%}
    select
        cast(null as bigint) as funnel_key,
        cast(null as integer) as kind_key
        {%- for column in funnel_segment_columns() %},
        cast(null as varchar) as {{ column }}
        {%- endfor %}
    where false
{%- endmacro %}

{% macro candidates_with_ids(candidates, attempts) -%}
    {#- Those candidates of disputed attempts, with their event ids: what was read in numbers has none
        and is looked up in the lake, which without any is not read. -#}
    {%- set first_days = [] -%}
    {%- for funnel in definition_rows('funnels') -%}{%- do first_days.append(funnel_first_day(funnel)) -%}{%- endfor -%}
    with disputed as (

        select candidates.*
        from {{ candidates }} as candidates
        inner join {{ attempts }} as attempts
            on {{ same_funnel_unit('candidates', 'attempts') }}
            and candidates.entry_date = attempts.entry_date
            and candidates.is_mature = attempts.is_mature
        where attempts.is_disputed

    ),

    wanted as (

        select distinct
            disputed.unit_key,
            disputed.event_at,
            disputed.kind_key,
            persons.user_id
        from disputed
        inner join {{ ref('int_persons') }} as persons
            on {{ person_key_of('disputed') }} = persons.person_key
        where disputed.event_id is null

    ),

    ids as (

        select wanted.unit_key, wanted.event_at, wanted.kind_key, min(events.event_id) as event_id
        from {{ ref('int_events_segmented') }} as events
        inner join wanted on events.event_at = wanted.event_at and events.user_id = wanted.user_id
        inner join {{ ref('int_event_kinds') }} as kinds
            on wanted.kind_key = kinds.kind_key
            and events.event_name = kinds.event_name
            {% for segment in segment_columns() -%}
            and events.{{ segment }} = kinds.{{ segment }}
            {% endfor %}
        where {{ events_since('least(' ~ ((first_days or ['null']) | join(', ')) ~ ')', 'events') }}
        group by wanted.unit_key, wanted.event_at, wanted.kind_key

    )

    select disputed.* replace (coalesce(disputed.event_id, ids.event_id) as event_id)
    from disputed
    left join ids
        on disputed.unit_key = ids.unit_key
        and disputed.event_at = ids.event_at
        and disputed.kind_key = ids.kind_key
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

{% macro stored_funnel_attempts(relation) -%}
    {#- Stored attempts of the funnels of product.yml, with the units of this run. -#}
    (
        select
            attempts.*,
            {{ funnel_unit_key('attempts.person_key', 'funnels.funnel_key') }} as unit_key,
            cast(funnels.reach_days as integer) as reach_days
        from {{ relation }} as attempts
        inner join {{ keyed_funnels() }} as funnels on attempts.funnel_name = funnels.funnel_name
        where {{ is_of_product('attempts') }}
    )
{%- endmacro %}

{% macro reach_days_of_funnel() -%}
    {#- How many days after its entry day an attempt can use events, over the column funnel_name. -#}
    case
        {%- for funnel in definition_rows('funnels') %}
        when funnel_name = {{ literal(funnel.funnel_name) }} then {{ funnel.reach_days }}
        {%- endfor %}
        when true then 0
    end
{%- endmacro %}

{% macro attempt_rank() -%}
    {#- One number in the order of attempts, the greatest is the best: the deepest, then the one that
        was entered at the earliest step, then the one that came there first, then the latest start.
        A maximum finds it, where a sort would cost several times as much. A mask has room for fewer
        than 64 steps, and instants differ by less than 2 ** 53 microseconds. -#}
    (
        cast(cast(depth as integer) * 64 - entry_step as hugeint) * {{ 2 ** 53 }}
        - epoch_us(reached_at)
    ) * {{ 2 ** 53 }} + epoch_us(entered_at)
{%- endmacro %}

{% macro contested_days(attempts) -%}
    {#- The days of a unit with two attempts, one whose window was over at as-of and one whose was not:
        few, since both are there only while as-of passes by. On every other day there is one. -#}
    select {{ funnel_unit('open_attempts') }}, open_attempts.entry_date
    from {{ attempts }} as open_attempts
    semi join {{ attempts }} as mature_attempts
        on {{ same_funnel_unit('open_attempts', 'mature_attempts') }}
        and open_attempts.entry_date = mature_attempts.entry_date
        and mature_attempts.is_mature
        -- An open attempt can see as-of; so can the other of its day, and few can.
        and mature_attempts.sees_until >= {{ product_date(as_of()) }}
    where not open_attempts.is_mature
{%- endmacro %}

{% macro funnel_period_sees_until(period, entry_date, reach_days) -%}
    {#- The last product day whose events what is counted over a period can use: that of the last
        attempt which begins in it; over all entries every day. -#}
    {%- if period == 'all' -%}date '9999-12-31'
    {%- elif period == 'day' -%}{{ entry_date }} + {{ reach_days }}
    {%- else -%}{{ next_period_start(period, period_start(period, entry_date)) }} - 1 + {{ reach_days }}
    {%- endif -%}
{%- endmacro %}

{% macro funnel_periods() -%}
    {#- Over which entries a funnel is counted: all, and by entry day and week. -#}
    {{ return(['all', 'day', 'week']) }}
{%- endmacro %}

{% macro funnel_period_key(period) -%}
    {#- The place of a period among these: a number groups faster than a word. -#}
    list_position([{{ literals(funnel_periods()) }}], {{ period }})
{%- endmacro %}

{% macro funnel_period_of(period_key) -%}
    [{{ literals(funnel_periods()) }}][{{ period_key }}]
{%- endmacro %}
