"""One poison for every check of gates A and B, and what the check must then observe.

Belongs here: the smallest harm that breaks one rule. Does not belong here: running the gates. The
clean twin of every poison is the home or the marts before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from gate_b_lifecycle_poisons import LIFECYCLE
from gate_homes import LAKE_SELECT, LAST_DAY, NOW, add_lake_file, add_ledger_file, change
from gate_poisons_behaviour import PATHS_AND_COHORTS
from gate_poisons_experiments import EXPERIMENTS
from gate_poisons_funnels import FUNNELS
from gate_poisons_retention import RETENTION

from pm_pipeline.home import Home

PART_2 = f"events/utc_date={LAST_DAY}/part-2.parquet"


@dataclass(frozen=True)
class Poison:
    """What to do to a clean home (gate A) and the words of the result."""

    harm: Callable[[Home], object]
    observed: str


def add_events(home: Home, changed: str, *, rows: int = 4, day: date = LAST_DAY) -> None:
    """Add a lake file and its ledger row; ``changed`` is a ``* replace`` or ``* exclude`` list."""
    events = LAKE_SELECT.format(day=day, rows=rows).replace("md5('", "md5('part 2 ")
    add_lake_file(home, day, rows, name="part-2", select=f"select {changed} from ({events})")
    add_ledger_file(home, "part-2.csv", events=rows)


def replaced(column: str, value: str, *, below: int = 3) -> Callable[[Home], None]:
    """Return a harm that gives the first ``below`` of 4 new events another value."""
    case = f"case when record_number < {below} then {value} else {column} end as {column}"
    return lambda home: add_events(home, f"* replace ({case})")


def no_user(home: Home) -> None:
    users = "cast(null as varchar)"
    add_events(home, f"* replace ({users} as source_user_id, {users} as device_id)")


def unread(home: Home) -> None:
    change(
        home,
        "insert into unread_files select 'f' || printf('%02d', n), 'no_source', '' "
        "from range(1, 13) as numbers (n)",
        "insert into unread_files values ('young.csv', 'too_fresh', '')",
    )


GATE_A: dict[str, Poison] = {
    "event_columns": Poison(
        lambda home: add_events(home, "* exclude (country) replace (1 as platform)"),
        f"2: {PART_2} country is missing, {PART_2} platform is INTEGER",
    ),
    "event_rows_as_listed": Poison(
        lambda home: (
            add_events(home, "*"),
            change(home, f"update lake_files set rows_count = 7 where lake_path = '{PART_2}'"),
        ),
        f"1: {PART_2}",
    ),
    "event_id_known": Poison(replaced("dedup_key", "null"), "3 of 144 events"),
    # Three rows of one id are two too many; the same id at another instant is another event.
    "event_id_unique": Poison(
        lambda home: add_events(
            home,
            "* replace ('same' as dedup_key, case when record_number < 3 then "
            "timestamp '2026-03-09 05:00' else event_at end as event_at)",
        ),
        "2 of 144 events",
    ),
    "event_name_known": Poison(replaced("event_name", "null"), "3 of 144 events"),
    "event_time_known": Poison(replaced("event_at", "null"), "3 of 144 events"),
    "event_time_not_in_future": Poison(
        replaced("event_at", f"timestamp '{NOW + timedelta(hours=24, seconds=1)}'"),
        "3 of 144 events",
    ),
    "event_time_not_before_start": Poison(
        replaced("event_at", "timestamp '1999-12-31 23:59:59'"), "3 of 144 events"
    ),
    "event_user_known": Poison(no_user, "4 of 144 events"),
    "file_records_add_up": Poison(
        lambda home: change(home, "update files set records_count = records_count - 1"),
        "1: app.csv",
    ),
    "file_events_add_up": Poison(
        lambda home: change(home, "update files set links_count = 1"), "1: app.csv"
    ),
    "ledger_matches_lake": Poison(
        lambda home: add_ledger_file(home, "lost.csv", events=5),
        "145 events in the ledger, 140 rows in the lake",
    ),
    "rejected_records_kept": Poison(
        lambda home: add_ledger_file(home, "b.csv", events=0, rejected=2, rejected_kept=1),
        "1: b.csv",
    ),
    "rejected_share": Poison(
        lambda home: add_ledger_file(home, "bad.csv", events=0, rejected=8),
        "10 of 153 records of 2 files (6.54%)",
    ),
    "volume_drop": Poison(
        lambda home: change(
            home, f"update lake_files set rows_count = 9 where utc_date = '{LAST_DAY}'"
        ),
        "9 events on 2026-03-09, median of 6 weeks 20",
    ),
    "unread_files": Poison(
        unread, "12: f01, f02, f03, f04, f05, f06, f07, f08, f09, f10 and 2 more"
    ),
}

DAY = "date '2026-02-10'"  # all 12 users were there, once, with 2 events each
TOTAL = "segment_name = 'all'"
PRODUCT = "subject_kind = 'product'"

# Statements for the clean marts, and what the check observes after them.
GATE_B: dict[str, tuple[str, str]] = {
    **FUNNELS,
    **PATHS_AND_COHORTS,
    **RETENTION,
    "event_usage_conserves_events": (
        f"delete from engagement.event_usage where {TOTAL} and activity_date = {DAY}",
        "250 events",
    ),
    "active_users_conserves_events": (
        f"update engagement.active_users set events_count = 0 where activity_date = {DAY}",
        "250 events",
    ),
    "users_conserve_events": (
        "update core.users set events_count = events_count + 3 where user_id = 'user-1'",
        "277 events",
    ),
    "sessions_conserve_events": (
        "insert into core.sessions select * from core.sessions where user_id = 'user-12'",
        "286 events",
    ),
    "events_view_matches_usage": (
        f"insert into core.events select * from core.events where event_date = {DAY}",
        "116 events in the last 7 days",
    ),
    "users_conserve_sessions": (
        "update core.users set sessions_count = sessions_count - 1 where user_id = 'user-2'",
        "136 sessions of users",
    ),
    "active_users_conserves_sessions": (
        f"update engagement.active_users set sessions_count = 0 where activity_date = {DAY}",
        "125 sessions over all dates",
    ),
    "daily_within_weekly_within_monthly": (
        f"""
        update engagement.active_users set daily_active_users = weekly_active_users + 1
        where {TOTAL} and activity_date = {DAY};
        update engagement.active_users set monthly_active_users = weekly_active_users - 1
        where {TOTAL} and activity_date = {DAY} + 1;
        update engagement.active_users set new_users = null
        where {TOTAL} and activity_date = {DAY} + 2
        """,
        "3 rows, first on 2026-02-10",
    ),
    "stickiness_within_bounds": (
        f"""
        update engagement.active_users set stickiness_rate = 1.01 where activity_date = {DAY};
        update engagement.active_users set stickiness_rate = 'nan'
        where {TOTAL} and activity_date = {DAY} + 1
        """,
        "4 rows, first on 2026-02-10",
    ),
    "every_date_has_a_row": (
        f"""
        delete from engagement.active_users where activity_date = {DAY};
        update engagement.active_users set activity_date = {DAY} + 20
        where activity_date = {DAY} + 1
        """,
        "3 dates missing, doubled or outside, first 2026-02-10",
    ),
    "new_users_once": (
        f"update engagement.active_users set new_users = 1 where {TOTAL} and activity_date = {DAY}",
        "13 new users over all dates",
    ),
    "segments_add_up_in_event_usage": (
        f"""
        update engagement.event_usage set events_count = events_count + 1
        where segment_value = 'ios' and event_name = 'opened' and activity_date = {DAY};
        delete from engagement.event_usage
        where segment_name = 'platform' and event_name = 'played' and activity_date = {DAY} + 1
        """,
        "2 events and dates differ, first on 2026-02-10 in 1 segments",
    ),
    "segments_add_up_in_active_users": (
        f"""
        update engagement.active_users set events_count = events_count + 1
        where segment_value = 'ios' and activity_date = {DAY};
        update engagement.active_users set new_users = new_users + 1
        where segment_value = 'ios' and activity_date = {DAY} + 1
        """,
        "2 dates differ, first on 2026-02-10 in 1 segments",
    ),
    # The row itself and the one after it, which starts from it.
    "growth_balances": (
        f"""
        update growth.accounting set active_users = active_users + 1
        where {PRODUCT} and "interval" = 'week' and period_start = date '2026-02-02'
        """,
        "2 periods do not balance, first the week of 2026-02-02",
    ),
    "growth_parts_add_up": (
        """
        update growth.accounting set retained_users = retained_users + 1
        where "interval" = 'week' and period_start = date '2026-02-02';
        update growth.accounting set churned_new_users = churned_new_users + 1
        where "interval" = 'week' and period_start = date '2026-02-09'
        """,
        "4 periods do not add up, first the week of 2026-02-02",
    ),
    "growth_has_no_gaps": (
        """
        delete from growth.accounting
        where subject_kind = 'feature' and "interval" = 'week' and period_start = date '2026-01-19';
        delete from growth.accounting
        where subject_kind = 'feature' and "interval" = 'day' and period_start = date '2026-02-15'
        """,
        "2 subjects and intervals with a missing or doubled period",
    ),
    "growth_matches_daily_active_users": (
        f"""
        update growth.accounting set active_users = active_users + 1
        where {PRODUCT} and "interval" = 'day' and period_start = {DAY}
        """,
        "1 dates differ, first 2026-02-10",
    ),
    "growth_matches_weekly_active_users": (
        f"""
        update growth.accounting set active_users = active_users + 1
        where {PRODUCT} and "interval" = 'week' and period_start = date '2026-02-02'
        """,
        "1 weeks differ, first 2026-02-02",
    ),
    "growth_new_users_once": (
        f"""
        update growth.accounting set new_users = new_users + 1
        where {PRODUCT} and "interval" = 'week' and period_start = date '2026-02-02'
        """,
        "12 by day, 12 by month, 13 by week",
    ),
    # One row with another number of sessions, one that is missing, one with impossible lengths.
    "session_lengths_match_active_users": (
        f"""
        update engagement.session_lengths set sessions_count = sessions_count + 1
        where {TOTAL} and activity_date = {DAY};
        delete from engagement.session_lengths where {TOTAL} and activity_date = {DAY} + 1;
        update engagement.session_lengths set median_seconds = null
        where {TOTAL} and activity_date = {DAY} + 2;
        update engagement.session_lengths set bounced_sessions_count = sessions_count + 1
        where {TOTAL} and activity_date = {DAY} + 3
        """,
        "4 rows differ, first on 2026-02-10",
    ),
    # A window with somebody more, and one whose people are one day off.
    "power_user_curve_matches_active_users": (
        """
        update engagement.power_user_curve set users_count = users_count + 1
        where window_days = 7 and as_of_date = date '2026-02-08'
        and active_days = (
            select min(active_days) from engagement.power_user_curve
            where window_days = 7 and as_of_date = date '2026-02-08'
        );
        update engagement.power_user_curve set active_days = active_days + 1
        where window_days = 28 and as_of_date = date '2026-02-15'
        """,
        "2 windows differ, first to 2026-02-08",
    ),
    "calendar_matches_growth": (
        f"""
        update engagement.calendar_active_users set active_users = active_users + 1
        where {TOTAL} and "interval" = 'week' and period_start = date '2026-02-02';
        delete from engagement.calendar_active_users
        where {TOTAL} and "interval" = 'month' and period_start = date '2026-01-01'
        """,
        "2 periods differ, first 2026-01-01",
    ),
    "segments_add_up_in_calendar_active_users": (
        """
        update engagement.calendar_active_users set new_users = new_users + 1
        where segment_value = 'ios' and "interval" = 'week' and period_start = date '2026-02-02';
        update engagement.calendar_active_users set active_users = 13
        where segment_value = 'ios' and "interval" = 'month' and period_start = date '2026-02-01'
        """,
        "2 periods do not add up, first 2026-02-01",
    ),
    "event_matrix_conserves_events": (
        """
        update engagement.event_matrix set events_count = events_count + 1
        where event_name = 'opened' and period_start = date '2026-02-02'
        """,
        "1 events counted otherwise, first opened",
    ),
    "feature_adoption_within_bounds": (
        """
        update engagement.feature_adoption set adopters = 13
        where period_start = date '2026-02-02';
        update engagement.feature_adoption set eligible_users = eligible_users + 1
        where period_start = date '2026-02-09'
        """,
        "2 weeks of features out of bounds, first 2026-02-02",
    ),
    # One conversion lost under one model, the row of the unattributed under another.
    "attribution_shares_whole_conversions": (
        f"""
        update engagement.attribution set credit = credit - 0.01
        where attribution_name = 'plays' and model = 'linear' and channel = 'mail'
            and period_start = {DAY};
        delete from engagement.attribution
        where attribution_name = 'some' and model = 'first' and channel = '(unattributed)'
            and period_start = {DAY} + 5
        """,
        "2 models and days do not add up, first plays by linear on 2026-02-10",
    ),
    "attribution_within_bounds": (
        f"""
        update engagement.attribution set credit = -1
        where attribution_name = 'plays' and channel = 'mail' and model = 'linear'
            and period_start = {DAY};
        update engagement.attribution set conversions_count = conversions_count + 1
        where attribution_name = 'plays' and channel = '(unattributed)' and model = 'first'
            and period_start = {DAY};
        update engagement.attribution set conversions_count = 0
        where attribution_name = 'some' and channel = 'ios' and model = 'first'
            and period_start = {DAY} + 5
        """,
        "3 rows, first on 2026-02-10",
    ),
    # Every play is a conversion of the one; of the other there may be fewer, but not more.
    "attribution_matches_event_usage": (
        f"""
        update engagement.attribution set credit = 0, conversions_count = 0
        where period_start = {DAY};
        update engagement.attribution set credit = credit + 100
        where period_start = {DAY} + 5 and channel = '(unattributed)'
        """,
        "3 attributions and days differ, first on 2026-02-10",
    ),
    # A second open interval, one that starts too early, and one that ends before it starts.
    "one_person_per_device": (
        """
        insert into core.identities values
            ('device-2', timestamp '2026-01-06', null, 'user-2'),
            ('device-1', timestamp '2026-01-09', timestamp '2026-01-10', 'user-9'),
            ('device-3', timestamp '2026-01-09', timestamp '2026-01-08', 'user-9')
        """,
        "3 intervals of 3 devices overlap",
    ),
    "last_event_is_fresh": (
        "update core.users set last_seen_at = last_seen_at - interval 2 days",
        "last event 2026-02-12 23:20 UTC",
    ),
}
GATE_B |= LIFECYCLE
GATE_B |= EXPERIMENTS
