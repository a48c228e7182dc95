with grid as (

    select * from {{ ref('int_retention_grid') }}

),

cells as (

    select cells.*, retentions.periods
    from {{ ref('int_retention_cells') }} as cells
    inner join {{ definitions_table('retentions') }} as retentions
        on cells.retention_name = retentions.retention_name

),

combination_returns as (

    {{ returns_by_period('cells', 'combination_key') }}

),

returns as (

    select combination_returns.*, segments.segment_key
    from combination_returns
    inner join {{ ref('int_combination_segments') }} as segments
        on combination_returns.combination_key = segments.combination_key

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
