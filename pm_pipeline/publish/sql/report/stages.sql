-- The product and every feature, week by week of the last three years: a page stays small.
select
    subject_kind,
    subject_name,
    period_start,
    active_users,
    weekly_growth_rate,
    growth_low,
    growth_high,
    quick_ratio,
    penetration_rate,
    stage,
    previous_stage,
    stage_since,
    confidence,
    reason,
    is_left_censored,
    is_slowdown,
    recommendation,
    recommendation_reason,
    evidence,
    human_action,
    human_by,
    human_reason,
    is_contradicted
from lifecycle.product_stages
where period_start > (select max(period_start) - 1092 from lifecycle.product_stages)
order by subject_kind desc, subject_name, period_start;
