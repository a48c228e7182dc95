-- Everybody is shown a variant of one experiment while it runs: most once, one in five again later,
-- and one in a hundred of those another variant.
with people as (

    select
        user_number,
        hash(user_number, 'experiment', getvariable('seed')) % $experiments as experiment,
        1 + cast(floor($arms * uniform(user_number, 'variant')) as integer) as variant
    from range(getvariable('users')) as people (user_number)

),

running as (

    select
        *,
        experiment * cast($spread as bigint) // $experiments as start_day
    from people

),

shown as (

    select
        *,
        least($running, getvariable('days') - start_day) as days,
        uniform(user_number, 'shown') as position,
        0 as time
    from running

    union all

    select
        * replace (
            if(uniform(user_number, 'switched') < 0.01, 1 + variant % $arms, variant) as variant
        ),
        least($running, getvariable('days') - start_day) as days,
        uniform(user_number, 'shown') + (1 - uniform(user_number, 'shown'))
        * uniform(user_number, 'shown again') as position,
        1 as time
    from running
    where uniform(user_number, 'is shown again') < 0.2

)

select
    md5('shown-' || getvariable('seed') || '-' || user_number || '-' || time) as event_id,
    'user-' || user_number as user_id,
    'exposed' as event_name,
    cast(
        getvariable('first_day') + to_days(cast(start_day as integer))
        + to_milliseconds(cast(86400000 * days * position as bigint))
        as timestamp
    ) as event_time,
    ['web', 'web', 'web', 'ios', 'ios', 'android'][1 + user_number * 2 * 7 % 6] as platform,
    ['DE', 'FR', 'US', 'GB', 'NL', 'SE', 'IN', 'BR'][1 + user_number * 5 % 8] as country,
    '2.' || cast(floor(start_day + days * position) as integer) // 14 as app_version,
    ['free', 'free', 'free', 'team', 'pro'][1 + user_number * 3 % 5] as plan,
    'experiment_' || experiment as experiment,
    'arm_' || variant as variant
from shown
order by event_time, event_id
