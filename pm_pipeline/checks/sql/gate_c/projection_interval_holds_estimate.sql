-- A projection lies inside of its interval; all three are known or none.
select
    count(*) as value,
    count(*) || ' goals with a projection outside of its interval' as observed,
    'projected_low <= projected_value <= projected_high, or all three unknown' as expected
from goals.progress
where
    case
        when projected_value is null
            then projected_low is not null or projected_high is not null
        else not coalesce(projected_value between projected_low and projected_high, false)
    end
