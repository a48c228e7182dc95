-- The conversions of a day are events that event usage counts too: all of that name, or at most as
-- many where only some of them are conversions.
with credited as (

    select attribution_name, period_start, max(credit) as conversions
    from (
        select attribution_name, model, period_start, sum(credit) as credit
        from engagement.attribution
        group by attribution_name, model, period_start
    ) as models
    group by attribution_name, period_start

),

used as (

    select
        attributions.attribution_name,
        usage.activity_date as period_start,
        sum(usage.events_count) as events_count,
        bool_or(attributions.conversion_expression is null) as is_every_event
    from definitions.attributions as attributions
    inner join engagement.event_usage as usage
        on usage.event_name = coalesce(attributions.conversion_event, usage.event_name)
    where usage.segment_name = 'all'
    group by attributions.attribution_name, usage.activity_date

),

differences as (

    select period_start
    from credited
    full join used using (attribution_name, period_start)
    where
        round(coalesce(credited.conversions, 0)) > coalesce(used.events_count, 0)
        or (used.is_every_event and round(coalesce(credited.conversions, 0)) < used.events_count)

)

select
    count(*) as value,
    count(*) || ' attributions and days differ' || coalesce(', first on ' || min(period_start), '')
        as observed,
    'as many conversions as events of that name' as expected
from differences
