{{ config(materialized='view') }}

{#- Who gets how much of each conversion by every model: a conversion's credits add up to 1. -#}

with settings as (

    {{ attribution_settings() }}

),

weighted as (

    select
        pairs.*,
        -- Direct touches are passed over, unless there are no others.
        coalesce(
            max(case when not pairs.is_direct then pairs.touch_index end) over (
                partition by pairs.attribution_name, pairs.conversion_id
            ),
            pairs.touches_count
        ) as last_non_direct_index,
        case
            when pairs.touches_count = 1 then 1
            when pairs.touches_count = 2 and pairs.touch_index = 1
                then settings.first_of_two_weight
            when pairs.touches_count = 2 then settings.last_of_two_weight
            when pairs.touch_index = 1 then settings.first_weight
            when pairs.touch_index = pairs.touches_count then settings.last_weight
            else settings.middle_weight / (pairs.touches_count - 2)
        end as position_weight,
        -- As seen from the last touch: the proportions are the same, and one weight is always 1.
        power(
            0.5,
            epoch(
                max(pairs.touched_at) over (
                    partition by pairs.attribution_name, pairs.conversion_id
                ) - pairs.touched_at
            ) / settings.half_life_seconds
        ) as decay_weight
    from {{ ref('int_attribution_pairs') }} as pairs
    inner join settings on pairs.attribution_name = settings.attribution_name

),

credited as (

    select
        attribution_name,
        conversion_id,
        conversion_date,
        conversion_value,
        channel,
        case when touch_index = 1 then 1.0 else 0.0 end as first_credit,
        case when touch_index = touches_count then 1.0 else 0.0 end as last_credit,
        case when touch_index = last_non_direct_index then 1.0 else 0.0 end
            as last_non_direct_credit,
        1.0 / touches_count as linear_credit,
        position_weight as position_credit,
        decay_weight / sum(decay_weight) over (partition by attribution_name, conversion_id)
            as time_decay_credit
    from weighted
    where touches_count > 0

    union all

    select
        attribution_name,
        conversion_id,
        conversion_date,
        conversion_value,
        {{ unattributed() }} as channel,
        1.0 as first_credit,
        1.0 as last_credit,
        1.0 as last_non_direct_credit,
        1.0 as linear_credit,
        1.0 as position_credit,
        1.0 as time_decay_credit
    from {{ ref('int_attribution_pairs') }}
    where touches_count = 0

),

final as (

    select
        attribution_name,
        conversion_id,
        conversion_date,
        conversion_value,
        channel,
        cast(sum(first_credit) as double) as first_credit,
        cast(sum(last_credit) as double) as last_credit,
        cast(sum(last_non_direct_credit) as double) as last_non_direct_credit,
        cast(sum(linear_credit) as double) as linear_credit,
        cast(sum(position_credit) as double) as position_credit,
        cast(sum(time_decay_credit) as double) as time_decay_credit
    from credited
    group by attribution_name, conversion_id, conversion_date, conversion_value, channel

)

select * from final
