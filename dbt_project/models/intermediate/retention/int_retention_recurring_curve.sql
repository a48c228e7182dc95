{#- The pooled curve of retentions in which a person can be in several cohorts: each counts once.
    They are eligible for period n once it is over for their first cohort, since it is over there
    first; and whoever came back on or after n in any cohort did so in the first, unless returns are
    counted on rolling clocks. -#}
with sizes as (

    select
        retention_name,
        segment_name,
        segment_value,
        cohort_start,
        count(*) as cohort_users
    from {{ ref('int_retention_first_cohorts') }}
    group by retention_name, segment_name, segment_value, cohort_start

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

    {{ returns_by_period('cells', 'segment_name', 'segment_value') }}

),

counts as (

    {{ on_or_after('grid', 'returns') }}

),

pooled as (

    select
        retention_name,
        segment_name,
        segment_value,
        period_index,
        sum(cohort_users) as eligible_users,
        sum(retained_on_or_after_users) as retained_on_or_after_users
    from counts
    group by retention_name, segment_name, segment_value, period_index

),

retained as (

    select
        retention_name,
        segment_name,
        segment_value,
        period_index,
        count(*) as retained_users
    from {{ ref('int_retention_user_periods') }}
    where sees_until < {{ product_date(as_of()) }}
    group by retention_name, segment_name, segment_value, period_index

),

last_periods as (

    select
        retention_name,
        {{ comma_columns(segment_columns()) }}
        user_id,
        cohort_start,
        max(period_index) as last_index
    from {{ ref('int_retention_counted_pairs') }}
    group by all

),

counted as (
    {% for segment in each_segment() %}
    select
        last_periods.retention_name,
        {{ segment.name }} as segment_name,
        {{ segment.value }} as segment_value,
        periods.period_index,
        count(distinct last_periods.user_id) as users_count
    from last_periods
    inner join periods
        on last_periods.retention_name = periods.retention_name
        and last_periods.cohort_start = periods.cohort_start
        and last_periods.last_index >= periods.period_index
    where periods.is_complete
    group by all
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (

    select
        pooled.retention_name,
        pooled.segment_name,
        pooled.segment_value,
        pooled.period_index,
        pooled.eligible_users,
        coalesce(retained.retained_users, 0) as retained_users,
        coalesce(counted.users_count, pooled.retained_on_or_after_users)
            as retained_on_or_after_users
    from pooled
    left join retained using (retention_name, segment_name, segment_value, period_index)
    left join counted using (retention_name, segment_name, segment_value, period_index)

)

select * from final
