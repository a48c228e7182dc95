with users as (

    select users.retention_name, users.usage_interval_days
    from {{ ref('int_retention_users') }} as users
    semi join {{ definitions_table('retentions') }} as retentions
        on users.retention_name = retentions.retention_name
    where users.usage_interval_days is not null

),

counts as (

    select
        retention_name,
        usage_interval_days as interval_days,
        count(*) as users_count
    from users
    group by retention_name, usage_interval_days

),

final as (

    select
        retention_name,
        cast(interval_days as double) as interval_days,
        users_count,
        cast(sum(users_count) over so_far / sum(users_count) over everybody as double)
            as cumulative_rate
    from counts
    window
        so_far as (
            partition by retention_name order by interval_days
            rows between unbounded preceding and current row
        ),
        everybody as (partition by retention_name)

)

select * from final
