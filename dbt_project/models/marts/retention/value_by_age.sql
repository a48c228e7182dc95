with followed as (

    select retention_name, metric_name, direction
    from {{ definitions_table('followed_metrics') }}

),

grid as (

    select
        grid.retention_name,
        followed.metric_name,
        followed.direction,
        grid.cohort_start,
        grid.period_index,
        grid.interval,
        grid.cohort_users,
        grid.is_complete
    from {{ ref('int_retention_grid') }} as grid
    inner join followed on grid.retention_name = followed.retention_name
    where grid.segment_name = 'all'

),

changes as (

    select retention_name, metric_name, cohort_start, period_index, change, new_users
    from {{ ref('int_retention_values') }}

),

sums as (

    select
        grid.*,
        coalesce(changes.change, 0) as period_value,
        sum(coalesce(changes.change, 0)) over so_far as value,
        cast(sum(coalesce(changes.new_users, 0)) over so_far as bigint) as users_with_value
    from grid
    left join changes
        on grid.retention_name = changes.retention_name
        and grid.metric_name = changes.metric_name
        and grid.cohort_start = changes.cohort_start
        and grid.period_index = changes.period_index
    window so_far as (
        partition by grid.retention_name, grid.metric_name, grid.cohort_start
        order by grid.period_index
        rows between unbounded preceding and current row
    )

),

final as (

    -- Only cohorts of one age can be compared: before they are of that age no value per person.
    select
        retention_name,
        metric_name,
        cohort_start,
        period_index,
        interval,
        cohort_users,
        value,
        case when is_complete then value / nullif(cohort_users, 0) end as value_per_user,
        period_value,
        users_with_value,
        case when is_complete then value / nullif(users_with_value, 0) end
            as value_per_user_with_value,
        is_complete,
        direction
    from sums

)

select * from final
