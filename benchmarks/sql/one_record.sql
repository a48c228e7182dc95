-- One event at noon of a day by a person of their own.
select
    md5('one-' || $name) as event_id,
    'user-one-' || $name as user_id,
    'device-one-' || $name as device_id,
    'event_01' as event_name,
    cast($event_at as timestamp) + interval 12 hours as event_time,
    cast($received_at as timestamp) + interval 13 hours as received_at,
    'web' as platform,
    'DE' as country,
    '2.0' as app_version,
    'free' as plan,
    'screen-1' as screen,
    cast(1 as double) as amount,
    'direct' as referrer
