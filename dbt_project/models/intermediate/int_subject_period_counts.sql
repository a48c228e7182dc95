{#- How many people were active in which day, week and month, for the first time, again or after a
    pause. Holds only what this run needs: the periods that it replaces and the two before them. -#}
{%- set intervals = reporting_intervals() -%}
{%- set longest = intervals[-1] -%}

with subjects as (

    select
        subject_kind,
        subject_name,
        {% for interval in intervals %}
        {{ next_period_start(interval, period_start(interval, subject_restate_from()), -2) }}
            as {{ interval }}_since,
        {% endfor %}
        cast(row_number() over (order by subject_kind, subject_name) as integer) as subject_key
    from {{ ref('int_subject_first_days') }}
    group by subject_kind, subject_name

),

members as (

    -- A number for each person in a subject: it groups and joins far faster than names.
    select
        first_days.person_key,
        first_days.first_date,
        subjects.subject_kind,
        subjects.subject_name,
        subjects.subject_key,
        cast(row_number() over () as integer) as member_key
    from {{ ref('int_subject_first_days') }} as first_days
    inner join subjects using (subject_kind, subject_name)

),

member_days as materialized (

    select
        days.activity_date,
        members.member_key,
        members.subject_key,
        members.first_date
    from {{ ref('int_subject_person_days') }} as days
    inner join members using (subject_kind, subject_name, person_key)
    where
        days.activity_date
        >= {{ next_period_start(longest, period_start(longest, subject_restate_from('days')), -2) }}

),
{% for interval in intervals %}
{{ interval }}_periods as {{ 'materialized ' if interval != 'day' }}(

    select
        member_key,
        {{ period_start(interval, 'activity_date') }} as period_start,
        {% if interval == 'day' %}
        subject_key,
        first_date,
        1 as active_days
        {% else %}
        any_value(subject_key) as subject_key,
        any_value(first_date) as first_date,
        cast(count(*) as integer) as active_days
        {% endif %}
    from member_days
    {% if interval != 'day' %}
    group by member_key, {{ period_start(interval, 'activity_date') }}
    {% endif %}

),

{{ interval }}_neighbours as (

    -- Who is also there in the period before or after is asked of the periods themselves: looking
    -- one up is cheaper than putting all of a person's in order.
    select
        periods.subject_key,
        periods.period_start,
        periods.first_date >= periods.period_start as is_new,
        before.member_key is not null as is_again,
        after.member_key is null as is_last_in_a_row,
        periods.active_days - before.active_days as active_days_change
    from {{ interval }}_periods as periods
    left join {{ interval }}_periods as before
        on periods.member_key = before.member_key
        and {{ next_period_start(interval, 'periods.period_start', -1) }} = before.period_start
    left join {{ interval }}_periods as after
        on periods.member_key = after.member_key
        and {{ next_period_start(interval, 'periods.period_start') }} = after.period_start

),

{{ interval }}_counts as (

    select
        '{{ interval }}' as interval,
        subject_key,
        period_start,
        {{ next_period_start(interval, 'period_start') }} as next_period_start,
        case
            when is_new then 'new'
            when is_again then 'retained'
            else 'resurrected'
        end as state,
        is_last_in_a_row,
        count(*) as users_count,
        sum(greatest(active_days_change, 0)) filter (where is_again) as expansion,
        sum(greatest(-active_days_change, 0)) filter (where is_again) as contraction
    from {{ interval }}_neighbours
    group by subject_key, period_start, is_new, is_again, is_last_in_a_row

),
{% endfor %}
counts as (
    {% for interval in intervals %}
    select * from {{ interval }}_counts
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        counts.interval,
        subjects.subject_kind,
        subjects.subject_name,
        counts.period_start,
        counts.next_period_start,
        counts.state,
        counts.is_last_in_a_row,
        counts.users_count,
        cast(counts.expansion as bigint) as expansion,
        cast(counts.contraction as bigint) as contraction
    from counts
    inner join subjects using (subject_key)
    where
        counts.period_start >= case counts.interval
            {% for interval in intervals %}
            when '{{ interval }}' then subjects.{{ interval }}_since
            {% endfor %}
        end

)

select * from final
