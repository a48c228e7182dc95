{#- The pooled curve of retentions in which a person can be in several cohorts: each counts once.
    They are eligible for period n once it is over for their first cohort, since it is over there
    first; and whoever came back on or after n in any cohort did so in the first, unless returns are
    counted on rolling clocks. -#}
with segments as (

    select * from {{ ref('int_combination_segments') }}

),

sizes as (

    select
        retention_name,
        segment_key,
        cohort_start,
        count(*) as cohort_users
    from {{ ref('int_retention_first_cohorts') }}
    group by retention_name, segment_key, cohort_start

),

periods as (

    select retention_name, cohort_start, period_index, is_complete
    from {{ ref('int_retention_grid') }}
    where segment_name = 'all'

),

grid as (

    select
        sizes.*,
        periods.period_index
    from sizes
    inner join periods
        on sizes.retention_name = periods.retention_name
        and sizes.cohort_start = periods.cohort_start
    where periods.is_complete

),

cells as (

    select cells.*, retentions.periods
    from {{ ref('int_retention_first_cohort_cells') }} as cells
    inner join {{ definitions_table('retentions') }} as retentions
        on cells.retention_name = retentions.retention_name

),

returns as (

    {{ returns_by_period('cells', 'segment_key') }}

),

counts as (

    {{ on_or_after('grid', 'returns') }}

),

pooled as (

    select
        retention_name,
        segment_key,
        period_index,
        sum(cohort_users) as eligible_users,
        sum(retained_on_or_after_users) as retained_on_or_after_users
    from counts
    group by retention_name, segment_key, period_index

),

retained as (

    select
        retention_name,
        segment_key,
        period_index,
        count(*) as retained_users
    from {{ ref('int_retention_user_periods') }}
    where sees_until < {{ product_date(as_of()) }}
    group by retention_name, segment_key, period_index

),

last_periods as (

    select
        retention_name,
        combination_key,
        person_key,
        cohort_start,
        max(period_index) as last_index
    from {{ ref('int_retention_counted_pairs') }}
    group by retention_name, combination_key, person_key, cohort_start

),

counted as (

    select
        last_periods.retention_name,
        segments.segment_key,
        periods.period_index,
        count(distinct last_periods.person_key) as users_count
    from last_periods
    inner join segments on last_periods.combination_key = segments.combination_key
    inner join periods
        on last_periods.retention_name = periods.retention_name
        and last_periods.cohort_start = periods.cohort_start
        and last_periods.last_index >= periods.period_index
    where periods.is_complete
    group by last_periods.retention_name, segments.segment_key, periods.period_index

),

names as (

    select distinct segment_key, segment_name, segment_value
    from segments

),

final as (

    select
        pooled.retention_name,
        names.segment_name,
        names.segment_value,
        pooled.period_index,
        pooled.eligible_users,
        coalesce(retained.retained_users, 0) as retained_users,
        coalesce(counted.users_count, pooled.retained_on_or_after_users)
            as retained_on_or_after_users
    from pooled
    inner join names using (segment_key)
    left join retained using (retention_name, segment_key, period_index)
    left join counted using (retention_name, segment_key, period_index)

)

select * from final
