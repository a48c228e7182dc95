-- A difference lies inside of its intervals, and what is known is known whole.
select
    count(*) as value,
    count(*) || ' results outside of an interval' as observed,
    'low <= difference <= high in every interval, or nothing known' as expected
from experiments.results
where
    case
        when difference is null
            then coalesce(difference_low, deciding_low, standard_error, p_value) is not null
        else
            not coalesce(difference between difference_low and difference_high, false)
            or (deciding_low is null) != (deciding_high is null)
            or not coalesce(difference between deciding_low and deciding_high, true)
            or not coalesce(
                rollout_impact between rollout_impact_low and rollout_impact_high, true
            )
            or not coalesce(eligible_rate between 0 and 1, true)
            or not coalesce(adjusted_p_value between 0 and 1, true)
            or not coalesce(adjusted_p_value >= deciding_p_value - 1e-12, true)
    end
