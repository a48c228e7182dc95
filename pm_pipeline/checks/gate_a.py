"""Gate A, after ingest: what is not published yet, and the ledger.

Belongs here: which rules hold for the lake's unpublished events and the ledger, and what a result
says. Does not belong here: the tables (``gate_a_tables.py``), how rules are judged
(``great_expectations_adapter.py``), rules about models (dbt tests, ``gate_b.py``).

The gate covers everything since the last publication, not what the last run brought: a rejected
batch is judged again by the next run. Its cost follows the unpublished files, the ledger and the
manifest, not the history of events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from pm_pipeline.checks.check import Check
from pm_pipeline.checks.gate_a_tables import EVENTS, SETTINGS, GateTables, gate_tables
from pm_pipeline.checks.great_expectations_adapter import judge
from pm_pipeline.checks.registry import CHECKS, checks_of
from pm_pipeline.checks.results import CheckResult, first_line, violated_status
from pm_pipeline.checks.rules import AtMost, Between, NoRows, NotNull, Outcome, Rule
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.home import Home

FUTURE_GRACE = timedelta(hours=24)

Judge = Callable[[Path, Sequence[Rule], Mapping[str, str]], dict[str, Outcome]]


def run_gate_a(
    home: Home,
    settings: CheckSettings,
    *,
    now: datetime,
    earliest_event: datetime | date,
    judge_rules: Judge = judge,
) -> list[CheckResult]:
    """Judge the unpublished events and the ledger of ``home``; one result a check of gate A.

    ``now`` and ``earliest_event`` are UTC when naive, a date is its midnight. Never raises: what
    could not be judged is a result of status ``error``. No other connection of this process may
    hold the state database open meanwhile.
    """
    try:
        with gate_tables(home, now=_utc(now)) as tables:
            rules = gate_a_rules(
                settings, tables, now=_utc(now), earliest_event=_utc(earliest_event)
            )
            intact = [rule for rule in rules if rule.table not in tables.broken]
            outcomes = dict(judge_rules(tables.database, intact, SETTINGS))
            outcomes |= {
                rule.check_name: Outcome(None, problem=tables.broken[rule.table])
                for rule in rules
                if rule.table in tables.broken
            }
            return [_result(rule, outcomes[rule.check_name], tables, settings) for rule in rules]
    except Exception as problem:  # nothing was judged: every check says so, and blocks
        return [_unjudged(check, settings, first_line(problem)) for check in checks_of("A")]


def gate_a_rules(
    settings: CheckSettings, tables: GateTables, *, now: datetime, earliest_event: datetime
) -> list[Rule]:
    """Return every rule of gate A with the limits that hold; times are naive UTC."""
    latest = now + FUTURE_GRACE

    def limit(name: str) -> float:
        return settings.limit(CHECKS[name])

    return [
        *_file_rules(tables),
        _not_null("event_id_known", "dedup_key", limit("event_id_known"), tables),
        _events_counted(
            "event_id_unique",
            "repeated_events",
            "sum(repeats)",
            limit("event_id_unique"),
            tables,
        ),
        _not_null("event_name_known", "event_name", limit("event_name_known"), tables),
        _not_null("event_time_known", "event_at", limit("event_time_known"), tables),
        Between(
            "event_time_not_in_future",
            EVENTS,
            f"at most {limit('event_time_not_in_future'):.2%} after {latest:%Y-%m-%d %H:%M} UTC",
            f"0 of {tables.events_count} events",
            "event_at",
            maximum=latest,
            allowed_share=limit("event_time_not_in_future"),
        ),
        Between(
            "event_time_not_before_start",
            EVENTS,
            f"at most {limit('event_time_not_before_start'):.2%} before "
            f"{earliest_event:%Y-%m-%d %H:%M} UTC",
            f"0 of {tables.events_count} events",
            "event_at",
            minimum=earliest_event,
            allowed_share=limit("event_time_not_before_start"),
        ),
        _events_counted(
            "event_user_known",
            "unknown_users",
            "sum(events_count)",
            limit("event_user_known"),
            tables,
        ),
        *_measure_rules(limit),
    ]


def _file_rules(tables: GateTables) -> list[Rule]:
    """Return the identities that hold file by file."""
    lake, ledger = tables.lake_files_count, tables.ledger_count
    return [
        _no_file("event_columns", "file_columns", "is_wrong", lake, named="description"),
        _no_file(
            "event_rows_as_listed",
            "file_rows",
            "rows_listed is distinct from rows_found",
            lake,
            named="lake_path",
        ),
        _no_file(
            "file_records_add_up",
            "ledger_files",
            "records_count <> accepted_count + duplicate_count + rejected_count",
            ledger,
        ),
        _no_file(
            "file_events_add_up",
            "ledger_files",
            "accepted_count <> events_count + links_count + excluded_count + forgotten_count",
            ledger,
        ),
        _no_file("rejected_records_kept", "rejected_files", "rejected_count <> kept_count", ledger),
    ]


def _measure_rules(limit: Callable[[str], float]) -> list[Rule]:
    """Return the rules about one number each; their tables say what was observed."""
    rejected, drop, unread = (
        limit(name) for name in ("rejected_share", "volume_drop", "unread_files")
    )
    return [
        AtMost(name, "measures", expected, "", column, allowed)
        for name, column, allowed, expected in (
            ("ledger_matches_lake", "ledger_difference", 0.0, "equally many"),
            (
                "rejected_share",
                "rejected_share",
                rejected,
                f"at most {rejected:.2%} of the records",
            ),
            ("volume_drop", "volume_drop", drop, f"at least {1 - drop:.0%} of the median"),
            ("unread_files", "unread_files", unread, f"at most {unread:.0f} files"),
        )
    ]


def _not_null(name: str, column: str, share: float, tables: GateTables) -> NotNull:
    return NotNull(
        name,
        EVENTS,
        f"at most {share:.2%} of the events",
        f"0 of {tables.events_count} events",
        column,
        share,
    )


def _events_counted(
    name: str, table: str, violations: str, share: float, tables: GateTables
) -> NoRows:
    """Events that ``violations`` counts over ``table``, beyond a share of all unpublished ones."""
    events_count = tables.events_count
    return NoRows(
        name,
        table,
        f"at most {share:.2%} of the events",
        f"{'0' if share == 0 else f'at most {share:.2%}'} of {events_count} events",
        f"select {violations} || ' of {events_count} events' as observed from {{batch}} "
        f"having {violations} > {share * events_count!r}",
    )


def _no_file(
    name: str, table: str, condition: str, files_count: int, *, named: str = "path"
) -> NoRows:
    """Files for which ``condition`` holds, counted and up to 10 of them named."""
    return NoRows(
        name,
        table,
        "none",
        f"none of {files_count} files",
        f"select count(*) || ': ' || names_of(list({named})) as observed "
        f"from {{batch}} where {condition} having count(*) > 0",
    )


def _result(
    rule: Rule, outcome: Outcome, tables: GateTables, settings: CheckSettings
) -> CheckResult:
    check = CHECKS[rule.check_name]
    severity = settings.severity(check)
    if outcome.success is None:
        return _unjudged(check, settings, outcome.problem, rule.expected)
    if check.name in tables.observed:
        observed = tables.observed[check.name]
    elif outcome.violations is not None:
        observed = f"{outcome.violations} of {outcome.rows} events"
    else:
        observed = str((outcome.row or {}).get("observed", rule.passed))
    status = "pass" if outcome.success else violated_status(severity)
    return CheckResult("A", check.name, check.table, severity, status, observed, rule.expected)


def _unjudged(
    check: Check, settings: CheckSettings, problem: str | None, expected: str | None = None
) -> CheckResult:
    return CheckResult(
        "A", check.name, check.table, settings.severity(check), "error", problem, expected
    )


def _utc(instant: datetime | date) -> datetime:
    if not isinstance(instant, datetime):
        return datetime.combine(instant, time())
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
