"""Figures as people write them.

Belongs here: numbers, dates, differences and short sentences as text. Does not belong here: HTML;
the template escapes whatever is returned.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ABSENT = "–"  # noqa: RUF001 (an en dash stands for "no figure")
MINUS = "\u2212"
NARROW_SPACE = "\u202f"
HALF_A_TENTH_OF_A_PERCENT = 0.0005


def count(value: float | None) -> str:
    """Return a count with thousands marked: ``12,345``; a dash when there is none."""
    if value is None:
        return ABSENT
    return f"{value:,.0f}".replace("-", MINUS)


def decimal(value: float | None, digits: int = 1) -> str:
    """Return a number with fixed digits; a dash when there is none."""
    if value is None:
        return ABSENT
    return f"{value:,.{digits}f}".replace("-", MINUS)


def rate(value: float | None, digits: int = 1) -> str:
    """Return a share between 0 and 1 as a percentage; a dash when there is none."""
    if value is None:
        return ABSENT
    return f"{100 * value:,.{digits}f}{NARROW_SPACE}%".replace("-", MINUS)


def day(value: date | None, *, with_year: bool = True) -> str:
    """Return a date as ``3 Aug 2026``."""
    if value is None:
        return ABSENT
    return f"{value.day} {value:%b %Y}" if with_year else f"{value.day} {value:%b}"


def weekday(value: date) -> str:
    """Return a date as ``Mon 3 Aug 2026``."""
    return f"{value:%a} {day(value)}"


def month(value: date) -> str:
    """Return a month as ``August 2026``."""
    return f"{value:%B %Y}"


def span(first: date, last: date) -> str:
    """Return two days as ``3 to 9 Aug 2026``, naming month and year only once where they agree."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    return f"{day(first, with_year=first.year != last.year)} to {day(last)}"


def week(first: date) -> str:
    """Return the week that starts on a day as its span."""
    return span(first, first + timedelta(days=6))


def instant(value: datetime | None, timezone: str) -> str:
    """Return a naive UTC time in the product's zone: ``3 Aug 2026, 14:05 (Europe/Berlin)``."""
    if value is None:
        return ABSENT
    local = value.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone))
    return f"{day(local.date())}, {local:%H:%M} ({timezone})"


def difference(now: float | None, before: float | None) -> str:
    """Return how a count moved: ``+21 (+5.2 %)``; no share of nothing, no word without both."""
    if now is None or before is None:
        return "no figure to compare with"
    moved = now - before
    if moved == 0:
        return "no change"
    if before == 0:
        return f"{sign(moved)}{count(abs(moved))}"
    return f"{sign(moved)}{count(abs(moved))} ({sign(moved)}{rate(abs(moved) / abs(before))})"


def points(now: float | None, before: float | None) -> str:
    """Return how a share moved, in percentage points."""
    if now is None or before is None:
        return "no figure to compare with"
    moved = now - before
    if abs(moved) < HALF_A_TENTH_OF_A_PERCENT:
        return "no change"
    return f"{sign(moved)}{decimal(abs(100 * moved))} points"


def shortened(text: str, longest: int = 40) -> str:
    """Return a text on one line, cut where it is longer than a legend can hold."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def sign(value: float) -> str:
    """Return the sign of a number as typographers write it."""
    return MINUS if value < 0 else "+"


def direction(now: float | None, before: float | None) -> str:
    """Return ``up``, ``down`` or ``level``."""
    if now is None or before is None or now == before:
        return "level"
    return "up" if now > before else "down"


def more_or_fewer(now: int, before: int | None) -> str:
    """Return a clause that compares a count of people with the week before."""
    if before is None:
        return ""
    if now == before:
        return ", as many as the week before"
    word = "more" if now > before else "fewer"
    if before == 0:
        return f", {count(abs(now - before))} {word} than the week before"
    return f", {rate(abs(now - before) / before)} {word} than the week before"
