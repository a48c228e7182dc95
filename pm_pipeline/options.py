"""Days of the product and times as a user types them, as instants.

Belongs here: reading them, for the command line and for Dagster's run config alike, and what
midnight is in a zone. Does not belong here: which instant a run counts up to.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def parse_as_of(text: str, timezone: str) -> datetime:
    """Return the instant, UTC, of a date or time; without an offset it is in ``timezone``.

    Raises ``ValueError`` with what was expected.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"expected a date or time such as 2026-03-01 or 2026-03-01T12:00+01:00, got '{text}'"
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(timezone))
    return instant.astimezone(UTC)


def parse_date(text: str) -> date:
    """Return the day of a text such as 2026-03-01; raises ``ValueError`` with what was expected."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a date such as 2026-03-01, got '{text}'") from None


def midnight(day: date, timezone: str) -> datetime:
    """Return the instant, UTC, at which a day begins in a zone."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
