"""Gate B, after the marts: conservation and the algebra of the metrics.

Belongs here: judging the rules of ``sql/gate_b`` over the contract's tables. Does not belong here:
the rules themselves, keys and relationships of one model (dbt tests).

A rule is one file named like its check. It selects exactly one row: ``value``, compared with the
check's limit (0 for an identity), and what was ``observed`` and ``expected`` in plain words. Its
parameters are ``$as_of``, ``$now`` (naive UTC), ``$timezone`` and ``$lake_events_count``. No rule
reads all events: their number comes from the manifest, so the cost of a daily run does not grow
with history, but for sums over the marts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pm_pipeline.checks.registry import Check, checks_of
from pm_pipeline.checks.results import (
    CheckResult,
    first_line,
    utc_now,
    violated_status,
)
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.home import Home
from pm_pipeline.state import open_state

RULES_FOLDER = Path(__file__).parent / "sql" / "gate_b"
_PARAMETER = re.compile(r"\$([a-z_]+)")


class BrokenRuleError(RuntimeError):
    """A rule that did not return its one row."""


def run_gate_b(
    connection: duckdb.DuckDBPyConnection,
    settings: CheckSettings,
    *,
    as_of: datetime,
    lake_events_count: int,
    timezone: str | None = None,
    now: datetime | None = None,
) -> list[CheckResult]:
    """Judge the marts that ``connection`` shows; one result a check of gate B.

    ``as_of`` and ``now`` (default: the clock) are UTC when naive, ``timezone`` is the product's
    IANA name (default: that of the definitions the marts were built from), ``lake_events_count``
    the number of lake events before ``as_of`` (``count_lake_events_before``). Only committed rows
    are seen. Never raises for what it finds: a rule that breaks is a result of status ``error``.
    """
    parameters: dict[str, Any] = {
        "as_of": _utc(as_of),
        "lake_events_count": lake_events_count,
        "now": _utc(now) if now else utc_now(),
    }
    with connection.cursor() as cursor:
        # Without a time zone only the rules that ask for one break.
        with suppress(duckdb.Error, IndexError):
            parameters["timezone"] = timezone or _defined_timezone(cursor)
        return [_judge(cursor, check, settings, parameters) for check in checks_of("B")]


def count_lake_events_before(home: Home, as_of: datetime) -> int:
    """Return how many events of the listed lake files happened before ``as_of`` (UTC when naive).

    Whole files are counted from the manifest; only files that ``as_of`` cuts are read. Raises
    ``duckdb.Error`` when the state or such a file cannot be read.
    """
    instant = _utc(as_of)
    with open_state(home, read_only=True) as state:
        row = state.execute(
            """
            select
                coalesce(sum(rows_count) filter (where last_event_at < $as_of), 0),
                list(lake_path order by lake_path)
                    filter (where first_event_at < $as_of and last_event_at >= $as_of)
            from lake_files
            where kind = 'events' and unlisted_at is null
            """,
            {"as_of": instant},
        ).fetchone()
    whole, cut = row or (0, None)
    if not cut:
        return int(whole)
    with duckdb.connect() as connection:
        counted = connection.execute(
            "select count(*) from read_parquet($paths, hive_partitioning = false) "
            "where event_at < $as_of",
            {"paths": [str(home.lake / lake_path) for lake_path in cut], "as_of": instant},
        ).fetchone()
    return int(whole) + int(counted[0] if counted else 0)


def _defined_timezone(cursor: duckdb.DuckDBPyConnection) -> str:
    (name,) = cursor.execute("select timezone from definitions.product").fetchall()[0]
    return str(name)


def rule_sql(check_name: str) -> str:
    """Return the rule of a check of gate B. Raises ``FileNotFoundError`` when it has none."""
    return (RULES_FOLDER / f"{check_name}.sql").read_text(encoding="utf-8")


def _judge(
    cursor: duckdb.DuckDBPyConnection,
    check: Check,
    settings: CheckSettings,
    parameters: Mapping[str, Any],
) -> CheckResult:
    severity = settings.severity(check)
    try:
        value, observed, expected = _row(cursor, rule_sql(check.name), parameters)
    except Exception as problem:  # whatever it is, this rule was not judged
        return CheckResult(
            "B", check.name, check.table, severity, "error", first_line(problem), None
        )
    limit = settings.limit(check)
    if check.unit is not None:
        expected = f"{expected}, at most {limit:g} {check.unit}"
    status = "pass" if value <= limit else violated_status(severity)
    return CheckResult("B", check.name, check.table, severity, status, observed, expected)


def _row(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any]
) -> tuple[float, str, str]:
    statement = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
    names = set(_PARAMETER.findall(statement))
    if missing := names - parameters.keys():
        raise BrokenRuleError(f"nobody said {', '.join(sorted(missing))}")
    wanted = {name: parameters[name] for name in names}
    rows = cursor.execute(statement, wanted).fetchall()
    if len(rows) != 1 or any(part is None for part in rows[0]):
        raise BrokenRuleError("a rule returns one row of value, observed and expected")
    value, observed, expected = rows[0]
    if math.isnan(value):
        raise BrokenRuleError("the value of a rule is not a number")
    return float(value), str(observed), str(expected)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
