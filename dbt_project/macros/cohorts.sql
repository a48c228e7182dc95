{#- Behavioural cohorts: when a person enters and leaves, from events up to that instant only. Each
    of the macros for a kind gives (user_id, changed_at, is_inside, matches_count): the instants from
    the run's first day on at which the membership is found to be this or that. -#}

{% macro cohorts() -%}
    {#- The cohorts of product.yml, those that others are made of first; each with `parts`. -#}
    {%- set parts = definition_rows('cohort_parts') -%}
    {%- set found = [] -%}
    {%- for cohort in definition_rows('cohorts') | sort(attribute='depth') -%}
        {%- set own = parts | selectattr('cohort_name', 'equalto', cohort.cohort_name) | list -%}
        {%- do found.append(dict(cohort, parts=own)) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro cohorts_made(of_parts, rests_on_persona) -%}
    {#- Those that are made of others (or are not), and rest on personas (or do not). -#}
    {%- set found = [] -%}
    {%- for cohort in cohorts() -%}
        {%- if (cohort.depth > 0) == of_parts and cohort.rests_on_persona == rests_on_persona -%}
            {%- do found.append(cohort) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro whole_days(seconds) -%}
    {#- How many product days before its own an instant can reach so many seconds back: whole days,
        rounded up, and one more for days on which clocks change. -#}
    {{ return((seconds / 86400) | round(0, 'ceil') | int + 1) }}
{%- endmacro %}

{% macro cohort_restate_from(cohort) -%}{{ restate_from('cohort', cohort.cohort_name) }}{%- endmacro %}

{% macro cohort_matches(cohort, event_name, condition, look_back_days) -%}
    {#- The cohort's events from so many days before the run's first day on. -#}
    select user_id, event_at, event_id
    from {{ ref('int_events_identified') }}
    where
        {{ events_since('(' ~ cohort_restate_from(cohort) ~ ' - ' ~ look_back_days ~ ')') }}
        {%- if event_name is not none %}
        and event_name = {{ literal(event_name) }}
        {%- endif %}
        {%- if condition is not none %}
        and ({{ condition }})
        {%- endif %}
{%- endmacro %}

{% macro cohort_known(cohort) -%}
    {#- What lies before the run's first day and stays: per person the first and the last of it. -#}
    select
        user_id,
        min(changed_at) as first_at,
        arg_max(is_inside, changed_at) as is_inside,
        max(matches_count) as matches_count
    from
        {% if is_incremental() -%}
        {{ this }}
        {%- else -%}
        (
            select
                '' as cohort_name, '' as user_id, timestamp '0001-01-01' as changed_at,
                date '0001-01-01' as changed_on, false as is_inside, 0 as matches_count
            where false
        ) as nothing_kept
        {%- endif %}
    where
        cohort_name = {{ literal(cohort.cohort_name) }}
        and changed_on < {{ cohort_restate_from(cohort) }}
    group by user_id
{%- endmacro %}

{% macro cohort_covers(matches, at_least, lasts_seconds) -%}
    {#- When the n-th of `matches` within a trailing window of so many seconds begins and when it is
        over, stretches that meet being one. -#}
    with counted as (

        select
            user_id,
            event_at,
            lag(event_at, {{ at_least - 1 }}) over (
                partition by user_id order by event_at
            ) + to_seconds({{ lasts_seconds }}) as over_at
        from {{ matches }}

    ),

    covers as (

        select
            user_id,
            event_at,
            over_at,
            lag(over_at) over walk as covered_until,
            lead(event_at) over walk as next_at
        from counted
        where event_at < over_at
        window walk as (partition by user_id order by event_at, over_at)

    )

    select user_id, event_at as changed_at, true as is_inside, cast(null as bigint) as matches_count
    from covers
    where covered_until is null or event_at > covered_until

    union all

    select user_id, over_at, false, null
    from covers
    where next_at is null or next_at > over_at
{%- endmacro %}

{% macro cohort_reached(cohort, matches) -%}
    {#- When the n-th of `matches` ever was done; the instants before it are kept too, to count on. -#}
    with instants as (

        select user_id, event_at, count(*) as matches
        from {{ matches }}
        group by user_id, event_at

    ),

    known as (

        {{ cohort_known(cohort) }}

    ),

    counted as (

        select
            instants.user_id,
            instants.event_at,
            instants.matches,
            coalesce(known.matches_count, 0) + sum(instants.matches) over (
                partition by instants.user_id order by instants.event_at
                rows between unbounded preceding and current row
            ) as so_far
        from instants
        left join known on instants.user_id = known.user_id

    )

    select
        user_id,
        event_at as changed_at,
        so_far >= {{ cohort.at_least }} as is_inside,
        cast(least(so_far, {{ cohort.at_least }}) as bigint) as matches_count
    from counted
    where so_far - matches < {{ cohort.at_least }}
{%- endmacro %}

{% macro cohort_did(cohort) -%}
    {%- set look_back = whole_days(cohort.lasts_seconds) if cohort.lasts_seconds is not none else 0 -%}
    with matches as (

        {{ cohort_matches(cohort, cohort.event_name, cohort.condition, look_back) }}

    )

    {% if cohort.lasts_seconds is not none -%}
    select * from ({{ cohort_covers('matches', cohort.at_least, cohort.lasts_seconds) }}) as covers
    {%- else -%}
    select * from ({{ cohort_reached(cohort, 'matches') }}) as reached
    {%- endif -%}
{%- endmacro %}

{% macro cohort_sequence(cohort) -%}
    {#- The second event counts if the first lies at most the window before it, or at the same
        instant; one event is not both. -#}
    {%- set lasting = whole_days(cohort.lasts_seconds) if cohort.lasts_seconds is not none else 0 -%}
    {%- set look_back = lasting + whole_days(cohort.within_seconds) -%}
    with firsts as (

        select user_id, event_at, count(*) as firsts_count, min(event_id) as event_id
        from (
            {{ cohort_matches(cohort, cohort.event_name, cohort.condition, look_back) }}
        ) as first_events
        group by user_id, event_at

    ),

    thens as (

        {{ cohort_matches(cohort, cohort.then_event_name, cohort.then_condition, lasting) }}

    ),

    matches as (

        select thens.user_id, thens.event_at
        from thens
        asof left join firsts as earlier
            on thens.user_id = earlier.user_id and thens.event_at > earlier.event_at
        left join firsts as simultaneous
            on thens.user_id = simultaneous.user_id and thens.event_at = simultaneous.event_at
        where
            thens.event_at <= earlier.event_at + to_seconds({{ cohort.within_seconds }})
            or simultaneous.firsts_count > 1
            or thens.event_id != simultaneous.event_id

    )

    {% if cohort.lasts_seconds is not none -%}
    select * from ({{ cohort_covers('matches', 1, cohort.lasts_seconds) }}) as covers
    {%- else -%}
    select * from ({{ cohort_reached(cohort, 'matches') }}) as reached
    {%- endif -%}
{%- endmacro %}

{% macro cohort_did_not(cohort) -%}
    {#- The clock runs from when the person was first seen, and anew from each event. The instant of
        being first seen is kept as the person's first row. -#}
    {%- set lasts = cohort.lasts_seconds -%}
    {%- set look_back = whole_days(lasts) if lasts is not none else 0 -%}
    with matches as (

        {{ cohort_matches(cohort, cohort.event_name, cohort.condition, look_back) }}

    ),

    known as (

        {{ cohort_known(cohort) }}

    ),

    arrived as (

        select everybody.user_id, min(everybody.event_at) as event_at
        from (
            {{ cohort_matches(cohort, none, none, 0) }}
        ) as everybody
        anti join known on everybody.user_id = known.user_id
        group by everybody.user_id

    ),

    {% if lasts is not none -%}
    resets as (

        select user_id, event_at from matches
        union all
        select user_id, event_at from arrived
        union all
        select user_id, first_at from known

    )

    select user_id, changed_at, not is_inside as is_inside, matches_count
    from ({{ cohort_covers('resets', 1, lasts) }}) as covers
    {%- else -%}
    done as (

        select user_id, min(event_at) as event_at
        from matches
        group by user_id

    )

    select
        arrived.user_id,
        arrived.event_at as changed_at,
        coalesce(done.event_at > arrived.event_at, true) as is_inside,
        cast(null as bigint) as matches_count
    from arrived
    left join done on arrived.user_id = done.user_id

    union all

    select done.user_id, done.event_at, false, null
    from done
    left join arrived on done.user_id = arrived.user_id
    left join known on done.user_id = known.user_id
    where coalesce(done.event_at > arrived.event_at, known.is_inside)
    {%- endif -%}
{%- endmacro %}

{% macro cohort_intervals(changes) -%}
    {#- Membership as intervals, from instants at which it is found to be this or that. -#}
    select cohort_name, user_id, changed_at as entered_at, left_at
    from (
        select *, lead(changed_at) over walk as left_at
        from (
            select
                *,
                lag(is_inside, 1, false) over (
                    partition by cohort_name, user_id order by changed_at
                ) as was_inside
            from {{ changes }}
        ) as neighbours
        where is_inside != was_inside
        window walk as (partition by cohort_name, user_id order by changed_at)
    ) as turns
    where is_inside
{%- endmacro %}

{% macro cohort_of_parts(cohort, memberships) -%}
    {#- The intervals of a cohort that is made of others: in all of them or in one, and in none of
        the excepted. -#}
    {%- set excepted = cohort.parts | selectattr('is_excepted') | map(attribute='part_name') | list -%}
    {%- set wanted = cohort.parts | rejectattr('is_excepted') | map(attribute='part_name') | list -%}
    with turns as (

        select
            user_id,
            unnest([entered_at, left_at]) as changed_at,
            unnest([1, -1])
            * case when cohort_name in ({{ literals(wanted) }}) then 1 else 0 end as wanted_step,
            unnest([1, -1])
            * case when cohort_name in ({{ literals(excepted) }}) then 1 else 0 end as excepted_step
        from {{ memberships }}
        where cohort_name in ({{ literals(wanted + excepted) }})

    ),

    instants as (

        select
            user_id,
            changed_at,
            sum(wanted_step) as wanted_step,
            sum(excepted_step) as excepted_step
        from turns
        where changed_at is not null
        group by user_id, changed_at

    ),

    states as (

        select
            {{ literal(cohort.cohort_name) }} as cohort_name,
            user_id,
            changed_at,
            sum(wanted_step) over so_far >= {{ wanted | length if cohort.kind == 'all_of' else 1 }}
            and sum(excepted_step) over so_far = 0 as is_inside
        from instants
        window so_far as (
            partition by user_id order by changed_at
            rows between unbounded preceding and current row
        )

    )

    {{ cohort_intervals('states') }}
{%- endmacro %}
