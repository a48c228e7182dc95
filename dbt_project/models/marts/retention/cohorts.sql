with grid as (

    select * from {{ ref('int_retention_grid') }}

),

cells as (

    select cells.*, retentions.periods
    from {{ ref('int_retention_cells') }} as cells
    inner join {{ definitions_table('retentions') }} as retentions
        on cells.retention_name = retentions.retention_name

),

returns as (
    {% for segment in each_segment() %}
    {{ returns_by_period('cells', segment.name, segment.value) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counts as (

    {{ on_or_after('grid', 'returns') }}

),

final as (

    -- Of a period that is not over nobody knows yet who comes back: no rate.
    select
        retention_name,
        segment_name,
        segment_value,
        cohort_start,
        period_index,
        interval,
        cohort_users,
        retained_users,
        case when is_complete then retained_users / nullif(cohort_users, 0) end as retained_rate,
        retained_on_or_after_users,
        case when is_complete then retained_on_or_after_users / nullif(cohort_users, 0) end
            as retained_on_or_after_rate,
        retained_on_or_after_within_horizon_users,
        is_complete
    from counts

)

select * from final
