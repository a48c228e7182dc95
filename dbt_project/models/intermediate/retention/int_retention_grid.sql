{#- Every cohort of every retention and segment value with all its periods. Over all, a cohort in
    which nobody started has its rows too. -#}
-- depends_on: {{ ref('int_retention_cohort_sizes') }}
{% set all_retentions = retentions() %}
{% set as_of_date = product_date(as_of()) %}
{% set last_day = last_date() %}
with sizes as (
    {% for segment in each_segment() %}
    select
        retention_name,
        cast({{ segment.name }} as varchar) as segment_name,
        cast({{ segment.value }} as varchar) as segment_value,
        cohort_start,
        users_count
    from {{ ref('int_retention_cohort_sizes') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

beginnings as (

    select retention_name, min(cohort_start) as first_cohort_start
    from sizes
    group by retention_name

),

cohorts as (

    select * from sizes
    {% for retention in all_retentions %}
    union all

    select
        beginnings.retention_name,
        'all' as segment_name,
        'all' as segment_value,
        cast(spine.period_start as date) as cohort_start,
        0 as users_count
    from
        beginnings,
        generate_series(
            beginnings.first_cohort_start, {{ last_day }}, interval 1 {{ retention.interval }}
        ) as spine (period_start)
    where beginnings.retention_name = '{{ retention.retention_name }}'
    {% endfor %}

),

totals as (

    select
        retention_name,
        segment_name,
        segment_value,
        cohort_start,
        cast(sum(users_count) as bigint) as cohort_users
    from cohorts
    group by retention_name, segment_name, segment_value, cohort_start

),

final as (
    {% for retention in all_retentions %}
    select
        totals.*,
        '{{ retention.interval }}' as interval,
        periods.period_index,
        {{ cell_sees_until(
            retention.clock, retention.interval, 'totals.cohort_start', 'periods.period_index'
        ) }} < {{ as_of_date }} as is_complete
    from totals
    cross join range({{ retention.periods + 1 }}) as periods (period_index)
    where totals.retention_name = '{{ retention.retention_name }}'
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        *,
        cast(null as varchar) as interval,
        cast(0 as bigint) as period_index,
        false as is_complete
    from totals
    where false
    {% endfor %}
)

select * from final
