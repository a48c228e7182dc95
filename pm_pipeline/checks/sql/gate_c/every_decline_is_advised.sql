-- In decline, and only there, there is advice or the reason why there is none.
select
    count(*) as value,
    count(*) || ' weeks with missing or misplaced advice' as observed,
    'a recommendation or its reason in decline; no recommendation elsewhere' as expected
from lifecycle.product_stages
where
    case
        when stage != 'decline'
            then recommendation is not null or recommendation_reason is not null
        when is_slowdown then recommendation is not null or recommendation_reason is null
        else
            recommendation_reason is null
            or coalesce(recommendation not in ('keep', 'kill', 'reboot'), false)
    end
