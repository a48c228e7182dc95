{#- Every cohort of every retention and segment value with all its periods. Over all, a cohort in
    which nobody started has its rows too. -#}
-- depends_on: {{ ref('int_retention_cohort_sizes') }}
{% set all_retentions = retentions() %}
{% set as_of_date = product_date(as_of()) %}
{% set last_day = last_date() %}
with segments as (

    select * from {{ ref('int_combination_segments') }}

),

sizes as (

    select
        sizes.retention_name,
        segments.segment_key,
        sizes.cohort_start,
        sizes.users_count
    from {{ ref('int_retention_cohort_sizes') }} as sizes
    inner join segments on sizes.combination_key = segments.combination_key

),

names as (

    select distinct segment_key, segment_name, segment_value
    from segments

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
        names.segment_key,
        cast(spine.period_start as date) as cohort_start,
        0 as users_count
    from
        beginnings,
        names,
        generate_series(
            beginnings.first_cohort_start, {{ last_day }}, interval 1 {{ retention.interval }}
        ) as spine (period_start)
    where beginnings.retention_name = '{{ retention.retention_name }}' and names.segment_name = 'all'
    {% endfor %}

),

totals as (

    select
        cohorts.retention_name,
        names.segment_name,
        names.segment_value,
        cohorts.segment_key,
        cohorts.cohort_start,
        cast(sum(cohorts.users_count) as bigint) as cohort_users
    from cohorts
    inner join names on cohorts.segment_key = names.segment_key
    group by all

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
