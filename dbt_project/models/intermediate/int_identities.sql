{# The timeline of each device, worked out anew from the links (one row per sign-in that changed
   the user): the first link reaches back over the anonymous window, a later one starts at its
   sign-in. Of several sign-ins at one instant the last by event_id holds; the others own nothing
   and have no row. A device or user with more than max_links partners is quarantined from the link
   that passes the limit; earlier links stand. -#}

with known_links as (

    select device_id, user_id, linked_at, link_event_id
    from {{ ref('int_device_links') }}
    where user_id is not null

),

busy_users as (

    select user_id
    from known_links
    group by user_id
    having count(distinct device_id) > {{ max_links() }}

),

busy_devices as (

    select device_id
    from known_links
    group by device_id
    having count(distinct user_id) > {{ max_links() }}

),

tied_links as (

    -- Ids order what happened at one instant. They are known where people share a device; here are
    -- the others that matter: sign-ins of one person, who may pass the limit, on several devices.
    select known_links.user_id, known_links.linked_at
    from known_links
    semi join busy_users on known_links.user_id = busy_users.user_id
    group by known_links.user_id, known_links.linked_at
    having count(*) > 1

),

tied_events as (

    select
        events.device_id,
        events.source_user_id as user_id,
        events.event_at as linked_at,
        min(events.event_id) as link_event_id
    from {{ ref('stg_events') }} as events
    inner join tied_links
        on events.event_at = tied_links.linked_at and events.source_user_id = tied_links.user_id
    group by events.device_id, events.source_user_id, events.event_at

),

links as (

    select
        known_links.device_id,
        known_links.user_id,
        known_links.linked_at,
        coalesce(known_links.link_event_id, tied_events.link_event_id, '') as link_event_id
    from known_links
    left join tied_events using (device_id, user_id, linked_at)

),

first_meetings as (

    -- The first time a device and a user met: what max_links counts, of those who pass it.
    select
        device_id,
        user_id,
        min((linked_at, link_event_id)) as met_at
    from links
    where
        user_id in (select busy_users.user_id from busy_users)
        or device_id in (select busy_devices.device_id from busy_devices)
    group by device_id, user_id

),

counted_meetings as (

    select
        device_id,
        user_id,
        met_at,
        row_number() over (partition by device_id order by met_at) as users_on_device,
        row_number() over (partition by user_id order by met_at, device_id) as devices_of_user
    from first_meetings

),

devices_over_limit as (

    select device_id, min(met_at) as quarantined_from
    from counted_meetings
    where users_on_device > {{ max_links() }}
    group by device_id

),

users_over_limit as (

    select user_id, min(met_at) as quarantined_from
    from counted_meetings
    where devices_of_user > {{ max_links() }}
    group by user_id

),

numbered_links as (

    select
        links.device_id,
        links.user_id,
        links.linked_at,
        row_number() over device as link_number,
        lead(links.linked_at) over device as next_linked_at,
        coalesce(
            (links.linked_at, links.link_event_id) >= devices_over_limit.quarantined_from, false
        )
        or coalesce(
            (links.linked_at, links.link_event_id) >= users_over_limit.quarantined_from, false
        ) as is_quarantined
    from links
    left join devices_over_limit on links.device_id = devices_over_limit.device_id
    left join users_over_limit on links.user_id = users_over_limit.user_id
    window device as (
        partition by links.device_id order by links.linked_at, links.link_event_id
    )

),

intervals as (

    select
        device_id,
        case
            when link_number = 1
                then linked_at - to_seconds({{ anonymous_window_seconds() }})
            else linked_at
        end as valid_from,
        next_linked_at as valid_to,
        user_id,
        linked_at,
        case when link_number = 1 then 'first_sign_in' else 'last_known_user' end as method,
        is_quarantined
    from numbered_links

),

final as (

    select *
    from intervals
    where valid_to is null or valid_from < valid_to

)

select * from final
