-- A growth rate lies inside of its interval; all three are known or none.
select
    count(*) as value,
    count(*) || ' weeks with a growth rate outside of its interval' as observed,
    'growth_low <= weekly_growth_rate <= growth_high, or all three unknown' as expected
from lifecycle.product_stages
where
    case
        when weekly_growth_rate is null then growth_low is not null or growth_high is not null
        else not coalesce(weekly_growth_rate between growth_low and growth_high, false)
    end
