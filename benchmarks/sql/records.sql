-- The records received from $received_from until before $received_until, of the events numbered
-- from $event_from until before $event_until: each once, and 2 % of them once more.
with events as (

    select
        event,
        visit_of(event) as visit,
        place_in_visit(event) as place
    from range(cast($event_from as bigint), cast($event_until as bigint)) as events (event)

),

visits as (

    select
        events.*,
        visit_user(visit) as user_number,
        visit_device(visit) as device,
        visit_started(visit) as started_at
    from events

),

timed as (

    -- A minute between two events; one visit in ten has a break of 50 minutes.
    select
        visits.* exclude (started_at),
        uniform(visit, 'anonymous') < 0.17 and visits.started_at > first_visits.started_at
            as is_anonymous,
        visits.started_at
        + to_milliseconds(cast(place * 45000 + uniform(event, 'gap') * 40000 as bigint))
        + case
            when place >= 2 and uniform(visit, 'break') < 0.1 then interval 50 minutes
            else interval 0 minutes
        end as event_at
    from visits
    left join first_visits using (device)

),

received as (

    select
        *,
        -- 1 % come up to 3 days late, the others within 20 seconds.
        event_at + to_milliseconds(cast(
            case
                when uniform(event, 'late') < 0.01 then 259200000 * uniform(event, 'delay')
                else 20000 * uniform(event, 'delay')
            end as bigint
        )) as received_at
    from timed

),

copies as (

    select * from received

    union all

    select
        * replace (
            received_at
            + to_milliseconds(cast(432000000 * uniform(event, 'copied after') as bigint))
            as received_at
        )
    from received
    where uniform(event, 'copied') < 0.02

)

select
    md5(getvariable('seed') || '-' || event) as event_id,
    case when not coalesce(is_anonymous, false) then 'user-' || user_number end as user_id,
    'device-' || device as device_id,
    -- Few names are most of the events: about one in rank.
    'event_' || format('{:02d}', cast(floor(exp(uniform(event, 'name') * ln(41.0))) as integer))
        as event_name,
    cast(event_at as timestamp) as event_time,
    cast(received_at as timestamp) as received_at,
    ['web', 'web', 'web', 'ios', 'ios', 'android'][1 + device * 7 % 6] as platform,
    ['DE', 'FR', 'US', 'GB', 'NL', 'SE', 'IN', 'BR'][1 + user_number * 5 % 8] as country,
    '2.' || (event * getvariable('days') // getvariable('events')) // 14 as app_version,
    ['free', 'free', 'free', 'team', 'pro'][1 + user_number * 3 % 5] as plan,
    'screen-' || cast(floor(60 * uniform(event, 'screen')) as integer) as screen,
    round(100 * uniform(event, 'amount'), 2) as amount,
    case when place = 0 then ['search', 'mail', 'direct'][1 + visit % 3] end as referrer
from copies
where
    received_at >= cast($received_from as timestamp)
    and received_at < cast($received_until as timestamp)
order by received_at, event_id
