-- Every date and segment value of active users has its session lengths, over as many sessions; no
-- more sessions bounce than there are, and none lasts less than no time.
with differences as (

    select activity_date
    from engagement.session_lengths as lengths
    full join engagement.active_users as active_users
        using (activity_date, segment_name, segment_value)
    where
        lengths.sessions_count is distinct from active_users.sessions_count
        or lengths.bounced_sessions_count not between 0 and lengths.sessions_count
        or (
            lengths.sessions_count > 0
            and not coalesce(
                lengths.mean_seconds >= 0
                and lengths.median_seconds >= 0
                and lengths.mean_events_per_session >= 1
                and lengths.median_events_per_session >= 1,
                false
            )
        )

)

select
    count(*) as value,
    count(*) || ' rows differ' || coalesce(', first on ' || min(activity_date), '') as observed,
    'the sessions of active users' as expected
from differences
