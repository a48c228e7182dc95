with levels as (
    select
        user_key,
        windowFunnel(604800000000)(
            toUInt64(toUnixTimestamp64Micro(event_at)),
            event_name = 'event_01', event_name = 'event_02', event_name = 'event_03'
        ) as week,
        windowFunnel(2592000000000)(
            toUInt64(toUnixTimestamp64Micro(event_at)),
            event_name = 'event_04', event_name = 'event_01',
            event_name = 'event_06', event_name = 'event_02'
        ) as month,
        windowFunnel(3600000000)(
            toUInt64(toUnixTimestamp64Micro(event_at)),
            event_name = 'event_02', event_name = 'event_01'
        ) as hour
    from events
    where event_name in ('event_01', 'event_02', 'event_03', 'event_04', 'event_06')
    group by user_key
)
select
    funnel.1 as funnel_name,
    step_index,
    countIf(funnel.2 >= step_index) as users_count
from levels
array join [('week', week, 3), ('month', month, 4), ('hour', hour, 2)] as funnel
array join range(1, funnel.3 + 1) as step_index
group by funnel_name, step_index
