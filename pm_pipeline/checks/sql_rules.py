"""Rules that are one SQL file each: how they are read and judged.

Belongs here: one row a rule, its value against the limit, and the parameters. Does not belong here:
the rules (``sql/gate_b``, ``sql/gate_c``), which parameters a gate gives them.

A rule is one file named like its check. It selects exactly one row: ``value``, compared with the
check's limit (0 for an identity), and what was ``observed`` and ``expected`` in plain words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pm_pipeline.checks.check import Check, Gate
from pm_pipeline.checks.registry import checks_of
from pm_pipeline.checks.results import CheckResult, first_line, violated_status
from pm_pipeline.checks.settings import CheckSettings

RULES = Path(__file__).parent / "sql"
_PARAMETER = re.compile(r"\$([a-z_]+)")


class BrokenRuleError(RuntimeError):
    """A rule that did not return its one row."""


def rules_folder(gate: Gate) -> Path:
    """Return where the rules of a gate lie."""
    return RULES / f"gate_{gate.lower()}"


def rule_sql(gate: Gate, check_name: str) -> str:
    """Return the rule of a check. Raises ``FileNotFoundError`` when it has none."""
    return (rules_folder(gate) / f"{check_name}.sql").read_text(encoding="utf-8")


def judge_rules(
    cursor: duckdb.DuckDBPyConnection,
    gate: Gate,
    settings: CheckSettings,
    parameters: Mapping[str, Any],
) -> list[CheckResult]:
    """Judge all rules of a gate; one that breaks is a result of status ``error``, alone."""
    return [_judge(cursor, check, settings, parameters) for check in checks_of(gate)]


def naive_utc(instant: datetime) -> datetime:
    """Return an instant as a naive UTC time, the form that parameters have."""
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def _judge(
    cursor: duckdb.DuckDBPyConnection,
    check: Check,
    settings: CheckSettings,
    parameters: Mapping[str, Any],
) -> CheckResult:
    severity = settings.severity(check)
    try:
        value, observed, expected = _row(cursor, rule_sql(check.gate, check.name), parameters)
    except Exception as problem:  # whatever it is, this rule was not judged
        return CheckResult(
            check.gate, check.name, check.table, severity, "error", first_line(problem), None
        )
    limit = settings.limit(check)
    if check.unit is not None:
        expected = f"{expected}, at most {limit:g} {check.unit}"
    status = "pass" if value <= limit else violated_status(severity)
    return CheckResult(check.gate, check.name, check.table, severity, status, observed, expected)


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
