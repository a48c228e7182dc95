-- The total has exactly one row for every product date from the first event to as-of.
-- Parameters: as_of (UTC), timezone of the product.
with dates as (

    select activity_date
    from engagement.active_users
    where segment_name = 'all' and segment_value = 'all'

),

bounds as (

    -- Without an event before as-of there is no first date, and no row.
    select
        min(activity_date) as first_date,
        cast(
            timezone($timezone, timezone('UTC', $as_of - interval 1 microsecond)) as date
        ) as last_date
    from engagement.event_usage

),

expected_dates as (

    select cast(generated_day as date) as activity_date
    from bounds, generate_series(first_date, last_date, interval 1 day) as days (generated_day)

),

differences as (

    (select activity_date from dates except all select activity_date from expected_dates)
    union all
    (select activity_date from expected_dates except all select activity_date from dates)

)

select
    count(*) as value,
    count(*) || ' dates missing, doubled or outside'
        || coalesce(', first ' || min(activity_date), '') as observed,
    'one row a date from ' || coalesce(
        (select first_date || ' to ' || last_date from bounds), 'the first event to as-of'
    ) as expected
from differences
