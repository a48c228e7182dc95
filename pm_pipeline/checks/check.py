"""What a check of the Python gates is.

Belongs here: the shape of its declaration. Does not belong here: any check (``registry.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pm_pipeline.checks.results import Severity

Gate = Literal["A", "B", "C"]
Unit = Literal["share", "days", "count"]


@dataclass(frozen=True)
class Check:
    """A rule's identity and defaults.

    ``limit`` is the largest value that still passes, in ``unit`` (``share`` is 0-1); both are None
    for an identity, which holds or does not and has nothing to set but its severity.
    """

    name: str
    gate: Gate
    table: str
    description: str
    severity: Severity = "error"
    limit: float | None = None
    unit: Unit | None = None
