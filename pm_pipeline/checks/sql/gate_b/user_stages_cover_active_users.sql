-- Everybody who was ever active has one stage, and nobody else has.
with stages as (

    select user_id, count(*) as rows_count
    from lifecycle.user_stages
    group by user_id

),

differences as (

    select coalesce(users.user_id, stages.user_id) as user_id
    from (select user_id from core.users where active_days_count > 0) as users
    full join stages on users.user_id = stages.user_id
    where users.user_id is null or coalesce(stages.rows_count, 0) != 1

)

select
    count(*) as value,
    count(*) || ' users without one stage' as observed,
    'one stage for everybody who was ever active' as expected
from differences
