"""What a check found.

Belongs here: the one shape that every gate returns. Does not belong here: how a rule is judged, or
where results are kept (``store.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Severity = Literal["error", "warn"]
Status = Literal["pass", "warn", "fail", "error"]

LONGEST_TEXT = 300


def utc_now() -> datetime:
    """Return the present instant as a naive UTC time, the form that the databases keep."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class CheckResult:
    """One rule judged once; ``observed`` and ``expected`` are plain words, never raw values.

    Status ``warn`` is a violated rule of severity ``warn``, ``fail`` one of severity ``error``,
    and ``error`` a rule that could not be judged at all.
    """

    gate: str
    check_name: str
    table_name: str
    severity: Severity
    status: Status
    observed: str | None
    expected: str | None
    checked_at: datetime = field(default_factory=utc_now)

    @property
    def blocks(self) -> bool:
        """Whether nothing behind the gate may run.

        A rule that broke blocks whatever its severity: nobody knows whether it holds.
        """
        return self.status == "error" or (self.status == "fail" and self.severity == "error")


def violated_status(severity: Severity) -> Status:
    """Return the status of a violated rule: ``fail`` for severity error, ``warn`` for warn."""
    return "fail" if severity == "error" else "warn"


def first_line(problem: BaseException | str) -> str:
    """Return an exception as one short line; the rest of a database's message may quote data."""
    kind = f"{type(problem).__name__}: " if isinstance(problem, BaseException) else ""
    line = f"{kind}{problem}".strip().partition("\n")[0].strip()
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
