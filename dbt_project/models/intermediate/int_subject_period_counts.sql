{#- How many people were active in which day, week and month, for the first time, again or after a
    pause. Holds only what this run needs: the periods that it replaces and the two before them. -#}
{%- set intervals = reporting_intervals() -%}
{%- set day = subject_restate_from('days') -%}

with subjects as (

    select
        subject_kind,
        subject_name,
        cast(row_number() over (order by subject_kind, subject_name) as integer) as subject_key
    from {{ ref('int_subject_first_days') }}
    group by subject_kind, subject_name

),

members as (

    -- A number for each person in a subject: it groups and sorts far faster than names.
    select
        subjects.subject_kind,
        subjects.subject_name,
        subjects.subject_key,
        first_days.person_key,
        first_days.first_date,
        cast(row_number() over () as integer) as member_key
    from {{ ref('int_subject_first_days') }} as first_days
    inner join subjects using (subject_kind, subject_name)

),

member_days as (

    select
        days.activity_date,
        days.subject_kind,
        days.subject_name,
        members.member_key,
        members.subject_key,
        members.first_date
    from {{ ref('int_subject_person_days') }} as days
    inner join members using (subject_kind, subject_name, person_key)

),
{% for interval in intervals %}
{{ interval }}_periods as (

    select
        days.member_key,
        {{ period_start(interval, 'days.activity_date') }} as period_start,
        any_value(days.subject_key) as subject_key,
        any_value(days.first_date) as first_date,
        count(*) as active_days
    from member_days as days
    where days.activity_date >= {{ next_period_start(interval, period_start(interval, day), -2) }}
    group by days.member_key, {{ period_start(interval, 'days.activity_date') }}

),

{{ interval }}_neighbours as (

    select
        *,
        {{ next_period_start(interval, 'period_start') }} as next_period_start,
        lag(period_start) over member = {{ next_period_start(interval, 'period_start', -1) }}
            as is_again,
        active_days - lag(active_days) over member as active_days_change,
        lead(period_start) over member as next_active_period
    from {{ interval }}_periods
    window member as (partition by member_key order by period_start)

),

{{ interval }}_counts as (

    select
        '{{ interval }}' as interval,
        subject_key,
        period_start,
        next_period_start,
        case
            when first_date >= period_start then 'new'
            when is_again then 'retained'
            else 'resurrected'
        end as state,
        (next_active_period is distinct from next_period_start) as is_last_in_a_row,
        count(*) as users_count,
        sum(greatest(active_days_change, 0)) filter (where is_again) as expansion,
        sum(greatest(-active_days_change, 0)) filter (where is_again) as contraction
    from {{ interval }}_neighbours
    group by all

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

)

select * from final
