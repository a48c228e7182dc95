-- depends_on: {{ ref('int_retention_grid') }}
{% set as_of_date = product_date(as_of()) %}
with cohorts as (

    select retention_name, segment_name, segment_value, segment_key, cohort_start, cohort_users
    from {{ ref('int_retention_grid') }}
    where period_index = 0

),

returns as (

    select
        returns.retention_name,
        segments.segment_key,
        returns.cohort_start,
        returns.bracket,
        sum(returns.users_count) as retained_users
    from {{ ref('int_retention_bracket_returns') }} as returns
    inner join {{ ref('int_combination_segments') }} as segments
        on returns.combination_key = segments.combination_key
    group by returns.retention_name, segments.segment_key, returns.cohort_start, returns.bracket

),

grid as (
    {% for retention, bracket in retention_brackets() %}
    select
        cohorts.*,
        '{{ bracket.first_period }}-{{ bracket.last_period }}' as bracket,
        {{ bracket.first_period }} as first_period,
        {{ bracket.last_period }} as last_period,
        {{ cell_sees_until(retention.clock, retention.interval, 'cohort_start', bracket.last_period) }}
        < {{ as_of_date }} as is_complete
    from cohorts
    where retention_name = '{{ retention.retention_name }}'
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        *,
        cast(null as varchar) as bracket,
        0 as first_period,
        0 as last_period,
        false as is_complete
    from cohorts
    where false
    {% endfor %}
),

final as (

    -- A bracket is known once its last day is over: no rate before.
    select
        grid.retention_name,
        grid.segment_name,
        grid.segment_value,
        grid.cohort_start,
        grid.bracket,
        cast(grid.first_period as bigint) as first_period,
        cast(grid.last_period as bigint) as last_period,
        grid.cohort_users,
        cast(coalesce(returns.retained_users, 0) as bigint) as retained_users,
        case
            when grid.is_complete
                then coalesce(returns.retained_users, 0) / nullif(grid.cohort_users, 0)
        end as retained_rate,
        grid.is_complete
    from grid
    left join returns using (retention_name, segment_key, cohort_start, bracket)

)

select * from final
