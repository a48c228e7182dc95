"""Every check of the Python gates, declared once.

Belongs here: a check's name, gate, table, default severity and limit, and the sentence that says
what it detects and what to do about it. Does not belong here: the rule itself (``sql/``), the
user's overrides (``settings.py``), dbt tests (declared beside their models).
"""

from __future__ import annotations

from pm_pipeline.checks.check import Check, Gate
from pm_pipeline.checks.registry_behaviour import BEHAVIOUR
from pm_pipeline.checks.registry_gate_c import GATE_C, REBUILD

LAKE = "lake.events"
LEDGER = "quality.ingested_files"
REJECTED = "quality.rejected_records"


_GATE_A = (
    Check(
        "event_columns", "A", LAKE,
        "An unpublished lake file lacks a column or holds it in another type: it was not written "
        "by this version's ingest; take it out of the lake and ingest its source file again.",
    ),
    Check(
        "event_rows_as_listed", "A", LAKE,
        "An unpublished lake file holds more or fewer rows than the manifest says: it was cut or "
        "changed after ingest; restore it from a backup or ingest its source file again.",
    ),
    Check(
        "event_id_known", "A", LAKE,
        "Events without a key, so that duplicates cannot be told; map event_id of the source or "
        "report a fault of ingest.",
        limit=0.0, unit="share",
    ),
    Check(
        "event_id_unique", "A", LAKE,
        "The same event is in the unpublished files more than once: deduplication failed; nothing "
        "may be counted before ingest is repaired and these days are written again.",
        limit=0.0, unit="share",
    ),
    Check(
        "event_name_known", "A", LAKE,
        "Events without a name; check which column event_name of the source is mapped to.",
        limit=0.0, unit="share",
    ),
    Check(
        "event_time_known", "A", LAKE,
        "Events without a time; check column, format and timezone of event_time of the source.",
        limit=0.0, unit="share",
    ),
    Check(
        "event_time_not_in_future", "A", LAKE,
        "Events dated more than 24 hours after now: a wrong clock, unit (seconds or milliseconds) "
        "or timezone; correct event_time or received_at of the source.",
        limit=0.0, unit="share",
    ),
    Check(
        "event_time_not_before_start", "A", LAKE,
        "Events dated before the product's earliest_event: a wrong unit or default date; correct "
        "event_time of the source or earliest_event.",
        limit=0.0, unit="share",
    ),
    Check(
        "event_user_known", "A", LAKE,
        "Events with neither a user nor a device, which nobody can be counted for; map user_id or "
        "device_id of the source.",
        limit=0.0, unit="share",
    ),
    Check(
        "file_records_add_up", "A", LEDGER,
        "A file's records are not its accepted, duplicate and rejected ones together: ingest lost "
        "or doubled some; ingest the file again.",
    ),
    Check(
        "file_events_add_up", "A", LEDGER,
        "A file's accepted records are not its events, links, excluded and forgotten ones "
        "together: ingest lost or doubled some; ingest the file again.",
    ),
    Check(
        "ledger_matches_lake", "A", LEDGER,
        "The ledger's events and the rows of the listed lake files are not equally many: the lake "
        "lost or doubled events; rebuild the lake from landing/.",
    ),
    Check(
        "rejected_records_kept", "A", REJECTED,
        "A file's rejected records are not all kept with line and reason; ingest the file again.",
    ),
    Check(
        "rejected_share", "A", LEDGER,
        "Too many records of the files ingested since the last publication were rejected; read "
        "their reasons in quality.rejected_records, correct the source or the files in landing/, "
        "or raise the limit.",
        limit=0.05, unit="share",
    ),
    Check(
        "volume_drop", "A", LAKE,
        "The last complete day has far fewer events than the same weekday of the 8 weeks before: "
        "look whether an export is missing or tracking broke.",
        severity="warn", limit=0.5, unit="share",
    ),
    Check(
        "unread_files", "A", LEDGER,
        "Files in landing/ that no source matches or that could not be read; correct their "
        "source's path or the files.",
        severity="warn", limit=0.0, unit="count",
    ),
)  # fmt: skip


_GATE_B = (
    Check(
        "event_usage_conserves_events", "B", "engagement.event_usage",
        f"Event usage counts more or fewer events than the lake holds before as-of: {REBUILD}.",
    ),
    Check(
        "active_users_conserves_events", "B", "engagement.active_users",
        f"Active users counts more or fewer events than the lake holds before as-of: {REBUILD}.",
    ),
    Check(
        "users_conserve_events", "B", "core.users",
        f"Users hold more or fewer events than the lake before as-of: {REBUILD}.",
    ),
    Check(
        "sessions_conserve_events", "B", "core.sessions",
        f"Sessions hold more or fewer events than the lake before as-of: {REBUILD}.",
    ),
    Check(
        "events_view_matches_usage", "B", "core.events",
        "Over the last 7 product days core.events shows more or fewer events than event usage "
        f"counts, so joining persons lost or doubled some: {REBUILD}.",
    ),
    Check(
        "users_conserve_sessions", "B", "core.users",
        f"Users' sessions are not as many as the rows of core.sessions: {REBUILD}.",
    ),
    Check(
        "active_users_conserves_sessions", "B", "engagement.active_users",
        f"Active users counts more or fewer sessions than core.sessions has: {REBUILD}.",
    ),
    Check(
        "daily_within_weekly_within_monthly", "B", "engagement.active_users",
        "A day has more daily than weekly or more weekly than monthly active users, or a negative "
        f"count: {REBUILD}.",
    ),
    Check(
        "stickiness_within_bounds", "B", "engagement.active_users",
        f"A stickiness lies outside 0-1: {REBUILD}.",
    ),
    Check(
        "every_date_has_a_row", "B", "engagement.active_users",
        "The total lacks a date between the first event and as-of, or has one outside of them: "
        f"{REBUILD}.",
    ),
    Check(
        "new_users_once", "B", "engagement.active_users",
        "New users over all dates are not as many as users who were ever active: somebody is new "
        f"twice or never: {REBUILD}.",
    ),
    Check(
        "segments_add_up_in_event_usage", "B", "engagement.event_usage",
        "The values of a segment do not add up to the total of an event on a date: "
        f"{REBUILD}.",
    ),
    Check(
        "segments_add_up_in_active_users", "B", "engagement.active_users",
        "The values of a segment do not add up to a date's total of events or new users: "
        f"{REBUILD}.",
    ),
    Check(
        "growth_balances", "B", "growth.accounting",
        "Active users of a period are not those of the period before plus new plus resurrected "
        f"less churned: {REBUILD}.",
    ),
    Check(
        "growth_parts_add_up", "B", "growth.accounting",
        "Active users are not new plus retained plus resurrected, or churned users not the sum of "
        f"their three kinds, or a count is negative: {REBUILD}.",
    ),
    Check(
        "growth_has_no_gaps", "B", "growth.accounting",
        "A subject lacks the row of a period between its first and its last one, or has it twice: "
        f"{REBUILD}.",
    ),
    Check(
        "growth_matches_daily_active_users", "B", "growth.accounting",
        "The product's daily growth accounting and active users disagree about a date: "
        f"{REBUILD}.",
    ),
    Check(
        "growth_matches_weekly_active_users", "B", "growth.accounting",
        "The product's weekly growth accounting and the 7 days ending with that week disagree: "
        f"{REBUILD}.",
    ),
    Check(
        "growth_new_users_once", "B", "growth.accounting",
        "Over all days, weeks or months the product's new users are not as many as the users who "
        f"were ever active: {REBUILD}.",
    ),
    Check(
        "session_lengths_match_active_users", "B", "engagement.session_lengths",
        "Session lengths are over more or fewer sessions than active users has on a date, or are "
        f"impossible: {REBUILD}.",
    ),
    Check(
        "power_user_curve_matches_active_users", "B", "engagement.power_user_curve",
        "The people of a window's bins are not its active users, or their days not its "
        f"stickiness: {REBUILD}.",
    ),
    Check(
        "calendar_matches_growth", "B", "engagement.calendar_active_users",
        "Calendar weeks or months and growth accounting disagree about active or new users: "
        f"{REBUILD}.",
    ),
    Check(
        "segments_add_up_in_calendar_active_users", "B", "engagement.calendar_active_users",
        "New users of a segment's values do not add up to a period's total, or a value has more "
        f"active users than it: {REBUILD}.",
    ),
    Check(
        "event_matrix_conserves_events", "B", "engagement.event_matrix",
        f"The event matrix counts an event more or less often than event usage: {REBUILD}.",
    ),
    Check(
        "feature_adoption_within_bounds", "B", "engagement.feature_adoption",
        "A feature has more adopters than people were active, more new ones than adopters, or "
        f"fewer uses: {REBUILD}.",
    ),
    Check(
        "user_stages_cover_active_users", "B", "lifecycle.user_stages",
        f"Somebody who was ever active has no stage or two, or somebody else has one: {REBUILD}.",
    ),
    Check(
        "user_stage_flows_balance", "B", "lifecycle.user_stage_flows",
        "People in a stage at the end of a week are not those who leave it or stay in it in the "
        f"next: {REBUILD}.",
    ),
    Check(
        "one_person_per_device", "B", "core.identities",
        "A device belongs to two persons at one instant: its intervals overlap, or one ends "
        f"before it starts: {REBUILD}.",
    ),
    Check(
        "experiment_units_add_up", "B", "experiments.sufficient_statistics",
        "The statistics of an experiment are not of the units that were exposed, each once: "
        f"{REBUILD}.",
    ),
    Check(
        "segments_add_up_in_experiments", "B", "experiments.sufficient_statistics",
        "The values of a segment do not add up to all units of an arm and day: "
        f"{REBUILD}.",
    ),
    Check(
        "last_event_is_fresh", "B", "core.users",
        "The last counted event is long ago by the clock: look whether exports still arrive.",
        severity="warn", limit=3.0, unit="days",
    ),
)  # fmt: skip

_ALL = (*_GATE_A, *_GATE_B, *BEHAVIOUR, *GATE_C)
CHECKS: dict[str, Check] = {check.name: check for check in _ALL}
assert len(CHECKS) == len(_ALL), "a check is declared twice"


def known_check_names() -> frozenset[str]:
    """Return the names that ``checks:`` of a product file may hold."""
    return frozenset(CHECKS)


def checks_of(gate: Gate) -> tuple[Check, ...]:
    """Return the checks of one gate in the order of their declaration."""
    return tuple(check for check in CHECKS.values() if check.gate == gate)
