"""The kinds of rules that gate A states, without the engine that judges them.

Belongs here: what can be asked of a table and the answer. Does not belong here: Great Expectations
(``great_expectations_adapter.py``) and the rules themselves (``gate_a.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class RuleBase:
    """What every rule says of itself: ``expected`` and ``passed`` are plain words for people.

    ``passed`` is what was observed when the rule holds, for kinds that return nothing then.
    """

    check_name: str
    table: str
    expected: str
    passed: str


@dataclass(frozen=True)
class NotNull(RuleBase):
    """At most ``allowed_share`` (0-1) of the rows have no value in ``column``."""

    column: str
    allowed_share: float = 0.0


@dataclass(frozen=True)
class Between(RuleBase):
    """At most ``allowed_share`` (0-1) of the values lie outside; NULL is not judged.

    ``minimum`` and ``maximum`` are inclusive, naive UTC; None leaves that side open.
    """

    column: str
    minimum: datetime | None = None
    maximum: datetime | None = None
    allowed_share: float = 0.0


@dataclass(frozen=True)
class NoRows(RuleBase):
    """``query`` over ``{batch}`` returns nothing, or one row with a text ``observed``."""

    query: str


@dataclass(frozen=True)
class AtMost(RuleBase):
    """No value of ``column`` is above ``limit``."""

    column: str
    limit: float = 0.0


Rule = NotNull | Between | NoRows | AtMost


@dataclass(frozen=True)
class Outcome:
    """What the engine found: ``success`` is None when the rule could not be judged.

    ``violations`` of ``rows`` for kinds that count; ``row`` is what a query returned.
    """

    success: bool | None
    violations: int | None = None
    rows: int | None = None
    row: Mapping[str, Any] | None = None
    problem: str | None = None
