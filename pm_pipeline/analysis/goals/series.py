"""The value of a metric over a week, a month or since a day, from its daily values.

Belongs here: which kind of metric is summed, averaged or taken at the end. Does not belong here:
goals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

Kind = Literal["sum", "daily", "window", "rate"]

KINDS: dict[str, Kind] = {
    "daily_active_users": "daily",
    "weekly_active_users": "window",
    "monthly_active_users": "window",
    "stickiness_rate": "window",
    "new_users": "sum",
    "sessions": "sum",
}
"""How the built-in metrics are taken over a period. A sum adds up its days. A daily metric is the
mean of the last week: people of different days must not be added. A window looks back by itself:
its value is that of the period's last day. A rate is what stands above the line in all the
period's days, as a share of all that stands below: never a mean of daily rates."""

SHARES = frozenset({"stickiness_rate"})
"""Of the built-in metrics, those that are a share of people and so never above 1."""

Parts = Mapping[date, tuple[float, float]]
"""Numerators and denominators by day."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Series:
    """A metric's value of every product day up to as-of; days without one are missing."""

    name: str
    kind: Kind
    values: Mapping[date, float]
    last_date: date
    week_starts_on_sunday: bool = False
    parts: Parts = field(default_factory=dict)
    """Of a rate."""
    upper: float | None = None
    """The largest value there can be: 1 of a share of people."""
    step_days: int = 1
    """How many days lie at most between two values: 31 of a retention by months."""

    @property
    def is_share(self) -> bool:
        """Return whether a value is a share between 0 and 1."""
        return self.upper == 1.0

    @property
    def first_date(self) -> date | None:
        """Return the first day with a value."""
        return min(self.parts if self.kind == "rate" else self.values, default=None)

    def of_days(self, first: date, last: date) -> float | None:
        """Return the value of a stretch of days; None when the data do not cover it."""
        begins = self.first_date
        if begins is None or last > self.last_date:
            return None
        if self.kind == "window":
            return self.values.get(last)
        if self.kind == "rate":
            return self._rate(first, last) if first >= begins or self.step_days > 1 else None
        if first < begins:
            return None
        days = [first + index * DAY for index in range((last - first).days + 1)]
        known = [self.values[day] for day in days if day in self.values]
        if self.kind == "sum":
            return sum(known)
        return sum(known) / len(days)

    def _rate(self, first: date, last: date) -> float | None:
        days = [day for day in self.parts if first <= day <= last]
        if not days:
            # Of a rate known once a month, the one known last is that of the week.
            days = [day for day in self.parts if 0 <= (last - day).days < self.step_days][-1:]
        below = sum(self.parts[day][1] for day in days)
        return sum(self.parts[day][0] for day in days) / below if below else None

    def week_start(self, day: date) -> date:
        """Return the first day of a day's product week."""
        back = (day.weekday() + (1 if self.week_starts_on_sunday else 0)) % 7
        return day - back * DAY

    def complete_weeks(self) -> list[tuple[date, float]]:
        """Return first day and value of every complete week, the oldest first."""
        begins = self.first_date
        if begins is None:
            return []
        found = []
        start = self.week_start(begins)
        while start + 6 * DAY <= self.last_date:
            value = self.of_days(start, start + 6 * DAY)
            if value is not None:
                found.append((start, value))
            start += 7 * DAY
        return found
