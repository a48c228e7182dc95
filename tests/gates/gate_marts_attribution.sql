-- Attribution over the events of gate_marts.sql, which come first.
create table definitions.attributions as
select *
from (
    values ('plays', 'played', null), ('some', 'played', 'platform = ''ios''')
) as attributions (attribution_name, conversion_event, conversion_expression);

-- Everybody opens before playing: the channel is the platform; on android half is unattributed.
create table engagement.attribution as
with plays as (

    select event_date, platform, count(*) as conversions_count
    from counted
    where segment_name = 'all' and event_name = 'played'
    group by event_date, platform

),

attributions (attribution_name) as (

    values ('plays'), ('some')

),

models (model, part) as (

    values ('first', 1.0), ('linear', 0.5)

),

channels as (

    select 'ios' as channel

    union all

    select 'mail'

    union all

    select '(unattributed)'

)

select
    attributions.attribution_name,
    models.model,
    plays.event_date as period_start,
    channels.channel,
    cast(coalesce(sum(
        plays.conversions_count * case channels.channel
            when 'ios' then models.part when 'mail' then 1 - models.part
        end
    ) filter (where plays.platform = 'ios'), 0) + coalesce(sum(plays.conversions_count) filter (
        where plays.platform = 'android' and channels.channel = '(unattributed)'
        and attributions.attribution_name = 'plays'
    ), 0) as double) as credit,
    coalesce(sum(plays.conversions_count) filter (
        where
        case channels.channel
            when 'ios' then plays.platform = 'ios'
            when 'mail' then plays.platform = 'ios' and models.part < 1
            else plays.platform = 'android' and attributions.attribution_name = 'plays'
        end
    ), 0) as conversions_count
from plays
cross join attributions
cross join models
cross join channels
group by all;
