-- Each funnel over all time, step by step. Where an attempt may begin at any step, those who entered
-- are more than those who did the first one: rates say of how many they are.
select
    funnel_name,
    step_index,
    step_name,
    users_count,
    rate_from_start,
    rate_from_previous,
    mature_users_count,
    mature_rate_from_start,
    median_seconds,
    cast(coalesce(max(round(users_count / nullif(rate_from_start, 0))) over of_funnel, 0) as bigint)
        as entrants_count,
    cast(
        coalesce(
            max(round(mature_users_count / nullif(mature_rate_from_start, 0))) over of_funnel, 0
        ) as bigint
    ) as mature_entrants_count
from funnels.conversion
where period = 'all' and segment_name = 'all'
window of_funnel as (partition by funnel_name)
order by funnel_name, step_index;
