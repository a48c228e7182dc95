-- Who is in a stage at the end of a week leaves it, or stays, in the next: nobody is lost.
with arrived as (

    select week_start + 7 as week_start, to_stage as stage, sum(users_count) as users_count
    from lifecycle.user_stage_flows
    group by week_start, to_stage

),

left_from as (

    select week_start, from_stage as stage, sum(users_count) as users_count
    from lifecycle.user_stage_flows
    where from_stage != '(none)'
    group by week_start, from_stage

),

differences as (

    select
        coalesce(arrived.week_start, left_from.week_start) as week_start,
        coalesce(arrived.stage, left_from.stage) as stage
    from arrived
    full join left_from
        on arrived.week_start = left_from.week_start and arrived.stage = left_from.stage
    where
        coalesce(arrived.users_count, 0) != coalesce(left_from.users_count, 0)
        -- After the last week nobody has left yet.
        and coalesce(arrived.week_start, left_from.week_start)
        <= (select max(week_start) from lifecycle.user_stage_flows)

)

select
    count(*) as value,
    count(*) || ' stages and weeks do not balance' || coalesce(', first ' || min(week_start), '')
        as observed,
    'as many leave a stage or stay in it as were in it the week before' as expected
from differences
