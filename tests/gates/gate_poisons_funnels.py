"""One poison for every check of the family funnels, as in ``gate_poisons.py``."""

from __future__ import annotations

AGAIN = "funnel_name = 'again' and segment_name = 'all'"
WEEK = f"{AGAIN} and period = 'week' and period_start = date '2026-02-02'"

FUNNELS: dict[str, tuple[str, str]] = {
    # A failure while time remains, one that waits for ever, a step too late, one from after as-of,
    # a step that is not there, a time that is another, an exclusion where there is none.
    "funnel_attempts_hold_together": (
        """
        update funnels.attempts set status = 'dropped'
        where funnel_name = 'again' and user_id = 'user-1' and status = 'pending';
        update funnels.attempts set status = 'pending'
        where funnel_name = 'again' and user_id = 'user-2' and entry_date = date '2026-01-04';
        update funnels.attempts set step_times = [step_times[1], step_times[3] + interval 1 day]
        where funnel_name = 'maybe' and user_id = 'user-3' and entry_date = date '2026-01-07';
        update funnels.attempts set steps_completed = 3
        where funnel_name = 'maybe' and user_id = 'user-4' and entry_date = date '2026-01-10';
        update funnels.attempts set seconds_to_convert = 1
        where funnel_name = 'maybe' and user_id = 'user-5' and entry_date = date '2026-01-13';
        update funnels.attempts set status = 'excluded'
        where funnel_name = 'again' and user_id = 'user-6' and entry_date = date '2026-01-16';
        update funnels.attempts set entered_at = entered_at - interval 1 second
        where funnel_name = 'maybe' and user_id = 'user-7' and entry_date = date '2026-01-19'
        """,
        "7 attempts, first of again on 2026-01-04",
    ),
    # An attempt lost, on its day, in its week and perhaps over all time; a best one doubled.
    "funnel_conversion_counts_attempts": (
        f"""
        update funnels.conversion set users_count = users_count + 1
        where {WEEK} and step_index = 2;
        update funnels.conversion set users_count = users_count - 1
        where {AGAIN} and period = 'all' and step_index = 1;
        delete from funnels.attempts where funnel_name = 'maybe' and user_id = 'user-5'
        and entry_date = date '2026-01-13'
        """,
        "6 steps of periods counted otherwise, first of again by all",
    ),
    "funnel_steps_never_grow": (
        f"""
        update funnels.conversion set users_count = 100 where {WEEK} and step_index = 3;
        update funnels.conversion set rate_from_start = 0.99
        where {AGAIN} and period = 'all' and step_index = 2;
        update funnels.conversion set mature_users_count = users_count + 1
        where {AGAIN} and period = 'all' and step_index = 1;
        update funnels.conversion set p25_seconds = p90_seconds + 1
        where {AGAIN} and period = 'all' and step_index = 3;
        update funnels.conversion set mature_users_count = 0
        where {AGAIN} and period = 'day' and period_start = date '2026-01-10' and step_index = 3;
        update funnels.conversion
        set mature_users_count = users_count, mature_rate_from_start = rate_from_start
        where {AGAIN} and period = 'day' and period_start = date '2026-02-15'
        """,
        "6 steps, first step 1 of again",
    ),
    "funnel_series_cover_entry_days": (
        f"""
        delete from funnels.conversion
        where {AGAIN} and period = 'day' and period_start = date '2026-01-25';
        delete from funnels.conversion where {WEEK} and step_index = 2;
        insert into funnels.conversion from funnels.conversion
        where funnel_name = 'maybe' and segment_value = 'ios' and period = 'all' and step_index = 1
        """,
        "3 series with a missing or doubled row, first of again by day",
    ),
    "segments_add_up_in_funnels": (
        f"""
        update funnels.conversion set users_count = users_count - 1
        where {WEEK} and step_index = 1;
        update funnels.conversion set mature_users_count = mature_users_count + 1
        where funnel_name = 'maybe' and segment_value = 'ios' and period = 'all' and step_index = 3
        """,
        "2 steps differ, first of again by week",
    ),
}
