{#- Who was active in which day, week and month, and whether for the first time, again or after a
    pause. Holds only what this run needs: the periods that it replaces and the two before them. -#}
{%- set intervals = reporting_intervals() -%}
{%- set day = subject_restate_from() -%}

with first_days as (

    select subject_kind, subject_name, user_id, first_date
    from {{ ref('int_subject_first_days') }}

),

periods as (
    {% for interval in intervals %}
    select
        '{{ interval }}' as interval,
        subject_kind,
        subject_name,
        user_id,
        {{ period_start(interval, 'activity_date') }} as period_start,
        {{ next_period_start(interval, period_start(interval, 'min(activity_date)')) }}
            as next_period_start,
        {{ next_period_start(interval, period_start(interval, 'min(activity_date)'), -1) }}
            as period_before,
        count(*) as active_days
    from {{ ref('int_subject_user_days') }}
    where activity_date >= {{ next_period_start(interval, period_start(interval, day), -2) }}
    group by subject_kind, subject_name, user_id, {{ period_start(interval, 'activity_date') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

neighbours as (

    select
        *,
        lag(period_start) over person as previous_active_period,
        lag(active_days) over person as previous_active_days,
        lead(period_start) over person as next_active_period
    from periods
    window person as (
        partition by interval, subject_kind, subject_name, user_id order by period_start
    )

),

final as (

    select
        neighbours.interval,
        neighbours.subject_kind,
        neighbours.subject_name,
        neighbours.user_id,
        neighbours.period_start,
        neighbours.next_period_start,
        case
            when first_days.first_date >= neighbours.period_start then 'new'
            when neighbours.previous_active_period = neighbours.period_before then 'retained'
            else 'resurrected'
        end as state,
        neighbours.active_days,
        case
            when neighbours.previous_active_period = neighbours.period_before
                then neighbours.active_days - neighbours.previous_active_days
        end as active_days_change,
        (neighbours.next_active_period is distinct from neighbours.next_period_start)
            as is_last_in_a_row
    from neighbours
    inner join first_days
        on neighbours.subject_kind = first_days.subject_kind
        and neighbours.subject_name = first_days.subject_name
        and neighbours.user_id = first_days.user_id

)

select * from final
