-- Eligible are the week's active users; adopters are among them, the new among the adopters, who
-- use the feature at least once each.
with differences as (

    select adoption.period_start
    from engagement.feature_adoption as adoption
    left join engagement.calendar_active_users as calendar
        on adoption.period_start = calendar.period_start
        and calendar."interval" = 'week'
        and calendar.segment_name = 'all'
    where
        not coalesce(
            adoption.eligible_users = calendar.active_users
            and adoption.adopters between adoption.new_adopters and adoption.eligible_users
            and adoption.new_adopters >= 0
            and adoption.uses_count >= adoption.adopters,
            false
        )
        or adoption.median_days_to_adopt < 0
        or adoption.repeat_adopters_rate not between 0 and 1

)

select
    count(*) as value,
    count(*) || ' weeks of features out of bounds' || coalesce(', first ' || min(period_start), '')
        as observed,
    'new adopters within adopters within the week''s active users' as expected
from differences
