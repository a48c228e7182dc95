"""One poison for every check of the family retention, and what the check must then observe.

Belongs here: what ``gate_poisons.py`` says, of these tables. Does not belong here: running the
gates.
"""

from __future__ import annotations

TOTAL_OF_ONCE = "retention_name = 'once' and segment_name = 'all'"

RETENTION: dict[str, tuple[str, str]] = {
    # One more back on than on or after; one more within the horizon than at all; a rise.
    "retention_within_bounds": (
        f"""
        update retention.cohorts set retained_users = retained_on_or_after_users + 1
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-05' and period_index = 3;
        update retention.cohorts
        set retained_on_or_after_within_horizon_users = retained_on_or_after_users + 1
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-12' and period_index = 3;
        update retention.cohorts set retained_on_or_after_users = cohort_users + 1
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-02-02' and period_index = 0
        """,
        "3 cells out of bounds, first of once at 2026-01-05",
    ),
    "retention_has_every_period": (
        f"""
        delete from retention.cohorts
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-05' and period_index = 2;
        delete from retention.cohorts
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-12';
        insert into retention.cohorts from retention.cohorts
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-02-02' and period_index = 0
        """,
        "3 cohorts with a missing or doubled period, or none before them, "
        "first of once at 2026-01-05",
    ),
    "retention_rates_are_mature": (
        f"""
        update retention.cohorts set retained_rate = 0
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-02-02' and period_index = 3;
        update retention.cohorts set retained_on_or_after_rate = null
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-05' and period_index = 3;
        update retention.brackets set retained_rate = retained_rate + 0.01
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-05'
        """,
        "3 rates too early, missing or wrong, first of once at 2026-01-05",
    ),
    "retention_curve_pools_cohorts": (
        """
        update retention.curve set eligible_users = eligible_users + 1
        where retention_name = 'once' and segment_name = 'all' and period_index = 1;
        update retention.curve set retained_users = 0
        where retention_name = 'often' and segment_name = 'all' and period_index = 1;
        delete from retention.curve
        where retention_name = 'often' and segment_name = 'all' and period_index = 2
        """,
        "5 figures of the curve do not pool the cohorts, first of often",
    ),
    "segments_add_up_in_retention": (
        f"""
        update retention.cohorts set cohort_users = cohort_users + 1
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-05'
        """,
        "4 cells differ, first of once at 2026-01-05",
    ),
    "retention_brackets_hold_their_periods": (
        f"""
        update retention.brackets set retained_users = 0
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-05';
        update retention.brackets set cohort_users = cohort_users + 1
        where {TOTAL_OF_ONCE} and cohort_start = date '2026-01-12'
        """,
        "2 brackets out of bounds, first of once at 2026-01-05",
    ),
    # A value lost, people of another number, a rate too early.
    "value_by_age_adds_up": (
        """
        update retention.value_by_age set value = value - 1
        where cohort_start = date '2026-01-05' and period_index = 1;
        update retention.value_by_age set cohort_users = cohort_users + 1
        where cohort_start = date '2026-01-12' and period_index = 1;
        update retention.value_by_age set value_per_user = 0 where not is_complete
        and cohort_start = date '2026-02-02' and period_index = 3
        """,
        "3 ages of cohorts do not add up, first of once at 2026-01-05",
    ),
    "usage_intervals_add_up": (
        """
        update retention.usage_intervals set cumulative_rate = 0.9
        where cumulative_rate = 1
        """,
        "1 intervals do not add up, first 4.0 days of often",
    ),
}
