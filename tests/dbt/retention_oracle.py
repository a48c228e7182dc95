"""Retention by brute force, in plain Python: what the models must give on the same events.

Belongs here: the definitions written down once more, as slowly and plainly as possible. Does not
belong here: SQL, and anything taken over from the models.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

UNIT_DAYS = {"day": 1, "week": 7, "month": 30}
ALL = ("all", "all")


@dataclass(frozen=True, order=True)
class Event:
    """One event; ``at`` is UTC with its zone."""

    at: datetime
    name: str
    platform: str
    is_paid: bool
    amount: int = 0


@dataclass(frozen=True)
class Metric:
    """A definition: ``where`` means that only paid events count."""

    name: str
    event: str
    aggregate: str
    where: bool = False
    cap: int | None = None


@dataclass(frozen=True)
class Retention:
    """A definition: ``where`` means that only paid events match."""

    name: str
    start: str
    return_: str
    interval: str
    periods: int
    clock: str
    first_time: bool
    at_least: int = 1
    start_where: bool = False
    return_where: bool = False
    brackets: tuple[tuple[int, int], ...] = ()
    metric: Metric | None = None


@dataclass(frozen=True)
class Calendar:
    """The clock on the wall: zone and first day of the week."""

    zone: ZoneInfo
    week_starts_on: str

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def hour(self, at: datetime) -> datetime:
        local = at.astimezone(self.zone)
        return at - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )

    def period(self, interval: str, day: date) -> date:
        if interval == "day":
            return day
        if interval == "month":
            return day.replace(day=1)
        since = day.weekday() if self.week_starts_on == "monday" else (day.weekday() + 1) % 7
        return day - timedelta(days=since)

    def later(self, interval: str, start: date, count: int) -> date:
        if interval == "month":
            months = start.year * 12 + start.month - 1 + count
            return date(months // 12, months % 12 + 1, 1)
        return start + timedelta(days=count * UNIT_DAYS[interval])

    def between(self, interval: str, start: date, later: date) -> int:
        if interval == "month":
            return (later.year - start.year) * 12 + later.month - start.month
        return (later - start).days // UNIT_DAYS[interval]


@dataclass
class Membership:
    """One user in one cohort: their segments, the periods and the brackets they came back in, and
    the events of the metric by (period, 24 hours or day)."""

    user: str
    cohort: date
    segments: tuple[tuple[str, str], ...]
    back_in: set[int]
    brackets: set[tuple[int, int]]
    counted: list[tuple[int, Any, int]]


class Oracle:
    """The tables of one retention over the events before ``as_of``."""

    def __init__(
        self,
        retention: Retention,
        calendar: Calendar,
        events: dict[str, list[Event]],
        as_of: datetime,
    ) -> None:
        self.of, self.calendar = retention, calendar
        self.today = calendar.day(as_of)
        self.last_day = calendar.day(as_of - timedelta(microseconds=1))
        self.members: list[Membership] = []
        self.medians: list[float] = []
        for user, all_events in events.items():
            counted = sorted(event for event in all_events if event.at < as_of)
            starts = [e for e in counted if self._is(e, retention.start, retention.start_where)]
            returns = [e for e in counted if self._is(e, retention.return_, retention.return_where)]
            metric = retention.metric
            counts = [e for e in counted if metric and self._is(e, metric.event, metric.where)]
            self.members += self._memberships(user, starts, returns, counts)
            days = sorted({calendar.day(event.at) for event in returns})
            if len(days) > 1:
                gaps = [(b - a).days for a, b in pairwise(days)]
                self.medians.append(float(median(gaps)))

    @staticmethod
    def _is(event: Event, name: str, where: bool) -> bool:
        return name in ("any", event.name) and (event.is_paid or not where)

    def _memberships(
        self, user: str, starts: list[Event], returns: list[Event], counts: list[Event]
    ) -> Iterable[Membership]:
        cohorts: dict[date, list[Event]] = defaultdict(list)
        for start in starts[:1] if self.of.first_time else starts:
            cohorts[self.calendar.period(self.of.interval, self.calendar.day(start.at))].append(
                start
            )
        for cohort, opening in cohorts.items():
            clocks = opening if self.of.clock == "rolling" else opening[:1]
            back_in, brackets = set(), set()
            for clock in clocks:
                times = Counter(
                    self._index(cohort, clock, event) for event in returns if event.at > clock.at
                )
                back_in |= {index for index, count in times.items() if count >= self.of.at_least}
                brackets |= {
                    (first, last)
                    for first, last in self.of.brackets
                    if sum(times[index] for index in range(first, last + 1)) >= self.of.at_least
                }
            start = opening[0]
            segments = (ALL, ("platform", start.platform))
            counted = [
                (self._index(cohort, start, event), self._day(start, event), event.amount)
                for event in counts
                if event.at >= start.at
            ]
            yield Membership(user, cohort, segments, back_in, brackets, counted)

    def _day(self, start: Event, event: Event) -> Any:
        if self.of.clock == "rolling":
            return (self.calendar.hour(event.at) - self.calendar.hour(start.at)).days
        return self.calendar.day(event.at)

    def _index(self, cohort: date, clock: Event, event: Event) -> int:
        if self.of.clock == "rolling":
            elapsed = self.calendar.hour(event.at) - self.calendar.hour(clock.at)
            return int(elapsed / timedelta(days=UNIT_DAYS[self.of.interval]))
        period = self.calendar.period(self.of.interval, self.calendar.day(event.at))
        return self.calendar.between(self.of.interval, cohort, period)

    def is_complete(self, cohort: date, period: int) -> bool:
        after = self.calendar.later(self.of.interval, cohort, 1)
        if self.of.clock == "rolling":
            over = after + timedelta(days=(period + 1) * UNIT_DAYS[self.of.interval])
        else:
            over = self.calendar.later(self.of.interval, cohort, period + 1)
        return over <= self.today

    def _cohorts(self) -> dict[tuple[tuple[str, str], date], list[Membership]]:
        found: dict[tuple[tuple[str, str], date], list[Membership]] = defaultdict(list)
        for member in self.members:
            for segment in member.segments:
                found[segment, member.cohort].append(member)
        if self.members:
            start = min(member.cohort for member in self.members)
            while start <= self.last_day:
                found[ALL, start] += []
                start = self.calendar.later(self.of.interval, start, 1)
        return found

    def cohorts(self) -> dict[Any, Any]:
        """(segment, cohort, period) -> users, on, on or after, within the horizon, complete."""
        return {
            (*segment, cohort, n): (
                len(members),
                *_counts(members, n, self.of.periods),
                self.is_complete(cohort, n),
            )
            for (segment, cohort), members in self._cohorts().items()
            for n in range(self.of.periods + 1)
        }

    def curve(self) -> dict[Any, Any]:
        """(segment, period) -> eligible, on, on or after: users over complete cells."""
        periods = range(self.of.periods + 1)
        users: dict[Any, tuple[set[str], set[str], set[str]]] = {
            (*segment, n): (set(), set(), set()) for segment, _ in self._cohorts() for n in periods
        }
        for member in self.members:
            for n in (n for n in periods if self.is_complete(member.cohort, n)):
                for segment in member.segments:
                    eligible, on, on_or_after = users[*segment, n]
                    eligible.add(member.user)
                    if n in member.back_in:
                        on.add(member.user)
                    if n <= max(member.back_in, default=-1):
                        on_or_after.add(member.user)
        return {key: tuple(len(these) for these in sets) for key, sets in users.items()}

    def value_by_age(self) -> dict[Any, Any]:
        """(cohort, period) -> users, value, users with a value, complete."""
        if self.of.metric is None:
            return {}
        return {
            (cohort, n): (
                len(members),
                float(sum(_value(self.of.metric, member, n) for member in members)),
                sum(any(index <= n for index, _, _ in member.counted) for member in members),
                self.is_complete(cohort, n),
            )
            for (segment, cohort), members in self._cohorts().items()
            if segment == ALL
            for n in range(self.of.periods + 1)
        }

    def brackets(self) -> dict[Any, Any]:
        """(segment, cohort, bracket) -> users, retained, complete."""
        return {
            (*segment, cohort, f"{first}-{last}"): (
                len(members),
                sum((first, last) in member.brackets for member in members),
                self.is_complete(cohort, last),
            )
            for (segment, cohort), members in self._cohorts().items()
            for first, last in self.of.brackets
        }

    def usage_intervals(self) -> dict[float, tuple[int, float]]:
        """Median gap -> users, share of users with at most this gap."""
        return {
            gap: (
                self.medians.count(gap),
                sum(other <= gap for other in self.medians) / len(self.medians),
            )
            for gap in set(self.medians)
        }


def _counts(members: list[Membership], n: int, periods: int) -> tuple[int, int, int]:
    """How many came back in period n, in n or later, and in n or later up to ``periods``."""
    return (
        sum(n in member.back_in for member in members),
        sum(any(m >= n for m in member.back_in) for member in members),
        sum(any(n <= m <= periods for m in member.back_in) for member in members),
    )


def _value(metric: Metric, member: Membership, n: int) -> int:
    """What one member has added up to by the end of period n."""
    counted = [(day, amount) for index, day, amount in member.counted if index <= n]
    value = {
        "count": len(counted),
        "sum": sum(amount for _, amount in counted),
        "unique_days": len({day for day, _ in counted}),
        "proportion": min(1, len(counted)),
    }[metric.aggregate]
    return value if metric.cap is None else min(value, metric.cap)
