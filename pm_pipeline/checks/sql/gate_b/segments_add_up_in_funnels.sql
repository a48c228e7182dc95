-- An attempt has one value of every segment: the values of a segment add up to the total of a step.
with steps as (

    select
        funnel_name,
        segment_name,
        period,
        period_start,
        step_index,
        sum(users_count) as users_count,
        sum(mature_users_count) as mature_users_count
    from funnels.conversion
    group by all

),

segment_names as (

    select distinct funnel_name, segment_name
    from steps
    where segment_name <> 'all'

),

differences as (

    select totals.funnel_name, totals.period
    from steps as totals
    inner join segment_names on totals.funnel_name = segment_names.funnel_name
    left join steps as parts
        on totals.funnel_name = parts.funnel_name
        and segment_names.segment_name = parts.segment_name
        and totals.period = parts.period
        and totals.period_start is not distinct from parts.period_start
        and totals.step_index = parts.step_index
    where
        totals.segment_name = 'all'
        and (
            totals.users_count <> coalesce(parts.users_count, 0)
            or totals.mature_users_count <> coalesce(parts.mature_users_count, 0)
        )

)

select
    count(*) as value,
    count(*) || ' steps differ' || coalesce(
        ', first of ' || min(funnel_name) || ' by ' || arg_min(period, (funnel_name, period)), ''
    ) as observed,
    'values of a segment add up to the total' as expected
from differences
