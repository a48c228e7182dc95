"""What a user changed about the checks.

Belongs here: ``checks:`` of a product file read as severities and limits. Does not belong here: the
defaults (``registry.py``) and where in the file a fault stands (the product room knows lines).
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pm_pipeline.checks.check import Check, Unit
from pm_pipeline.checks.registry import CHECKS
from pm_pipeline.checks.results import Severity

SEVERITIES: tuple[str, ...] = get_args(Severity)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(hour|day|week)s?")
_DAYS_IN = {"hour": 1 / 24, "day": 1.0, "week": 7.0}
_EXPECTED: dict[Unit, str] = {
    "share": "a share such as 5% or 0.05",
    "days": "a duration such as 3 days",
    "count": "a whole number, 0 or more",
}


class CheckSettingsError(ValueError):
    """Overrides that cannot be used; ``faults`` holds (key path, message) for every one."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        """Keep all faults, in the order of the file."""
        self.faults: list[tuple[str, str]] = list(faults)
        super().__init__("; ".join(f"{key}: {message}" for key, message in self.faults))


@dataclass(frozen=True)
class CheckSettings:
    """Severities and limits by check name; what is not overridden has the registry's default."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_product(cls, overrides: Mapping[str, Any] | None) -> CheckSettings:
        """Read ``checks:`` of a product file: check name to ``{limit, severity}``.

        An entry may be a mapping or an object with these attributes; a limit a number, ``5%`` or
        ``3 days``. Raises ``CheckSettingsError`` with every fault.
        """
        severities: dict[str, Severity] = {}
        limits: dict[str, float] = {}
        faults: list[tuple[str, str]] = []
        for name, entry in (overrides or {}).items():
            check = CHECKS.get(name)
            if check is None:
                faults.append((f"checks.{name}", f"unknown check{_did_you_mean(name)}"))
                continue
            severity, limit = _part(entry, "severity"), _part(entry, "limit")
            if severity in SEVERITIES:
                severities[name] = severity
            elif severity is not None:
                faults.append((f"checks.{name}.severity", "expected error or warn"))
            if limit is not None:
                try:
                    limits[name] = _limit(check, limit)
                except ValueError as problem:
                    faults.append((f"checks.{name}.limit", str(problem)))
        if faults:
            raise CheckSettingsError(faults)
        return cls(severities, limits)

    def severity(self, check: Check) -> Severity:
        """Return the severity that holds for ``check``."""
        return self.severities.get(check.name, check.severity)

    def limit(self, check: Check) -> float:
        """Return the largest value that passes; 0 for an identity, which has no limit to set."""
        return self.limits.get(check.name, check.limit or 0.0)


def _part(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)


def _limit(check: Check, value: Any) -> float:
    if check.unit is None:
        raise ValueError("this check holds or does not: it has no limit, only a severity")
    number = _number(check.unit, value)
    if number is None:
        raise ValueError(f"expected {_EXPECTED[check.unit]}")
    return number


def _number(unit: Unit, value: Any) -> float | None:
    """Return a limit in its unit, or None when it is none."""
    text = str(value).strip()
    if unit == "share" and text.endswith("%"):
        percent = _plain_number(text.removesuffix("%"))
        number = None if percent is None else percent / 100
    elif unit == "days" and (duration := _DURATION.fullmatch(text)):
        number = float(duration[1]) * _DAYS_IN[duration[2]]
    else:
        number = _plain_number(value)
    if number is None or not 0 <= number < math.inf:
        return None
    if (unit == "share" and number > 1) or (unit == "count" and not number.is_integer()):
        return None
    return number


def _plain_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _did_you_mean(name: str) -> str:
    close = difflib.get_close_matches(name, CHECKS, n=1)
    return f", did you mean '{close[0]}'?" if close else f"; known are {', '.join(sorted(CHECKS))}"
