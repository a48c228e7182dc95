-- The pooled curve counts the people of the complete cells: their sum where nobody is in several
-- cohorts, else at most the sum and at least as many as in any one of them.
with cells as (

    select
        retention_name,
        segment_name,
        segment_value,
        period_index,
        unnest([
            {'figure': 'eligible', 'users': cohort_users},
            {'figure': 'on', 'users': retained_users},
            {'figure': 'on or after', 'users': retained_on_or_after_users}
        ], recursive := true)
    from retention.cohorts
    where is_complete

),

pooled as (

    select
        retention_name,
        segment_name,
        segment_value,
        period_index,
        figure,
        sum(users) as users_at_most,
        max(users) as users_at_least
    from cells
    group by retention_name, segment_name, segment_value, period_index, figure

),

curve as (

    select
        retention_name,
        segment_name,
        segment_value,
        period_index,
        is_first_time,
        unnest([
            {'figure': 'eligible', 'users': eligible_users},
            {'figure': 'on', 'users': retained_users},
            {'figure': 'on or after', 'users': retained_on_or_after_users}
        ], recursive := true)
    from retention.curve

),

differences as (

    select coalesce(curve.retention_name, pooled.retention_name) as retention_name
    from curve
    full join pooled using (retention_name, segment_name, segment_value, period_index, figure)
    where
        curve.users is null
        or curve.users > coalesce(pooled.users_at_most, 0)
        or curve.users < case
            when curve.is_first_time then coalesce(pooled.users_at_most, 0)
            else coalesce(pooled.users_at_least, 0)
        end

)

select
    count(*) as value,
    count(*) || ' figures of the curve do not pool the cohorts' || coalesce(
        ', first of ' || min(retention_name), ''
    ) as observed,
    'the people of all complete cells, each once' as expected
from differences
