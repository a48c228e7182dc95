"""Sessions, engagement, growth and personas as their definitions read, in plain Python.

Belongs here: counting the slow way, person by person and day by day. Does not belong here: the
streams and the comparison with the models (`test_engagement_oracle.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from statistics import mean, median
from typing import Any

from tests.fixtures.model_runs import Event

DAY = timedelta(days=1)
Cells = dict[tuple[Any, ...], tuple[Any, ...]]


@dataclass(frozen=True)
class Session:
    """A session by its events, the first and the last among them."""

    events: tuple[Event, ...]

    @property
    def seconds(self) -> float:
        return (self.events[-1].event_at - self.events[0].event_at).total_seconds()


def at(ordered: list[float], share: float) -> float:
    """The exact quantile, by straight lines between neighbours."""
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Oracle:
    """What the tables should hold; weeks begin on Sunday."""

    def __init__(
        self,
        events: list[Event],
        *,
        as_of: datetime,
        local_date: Callable[[datetime], date],
        timeouts: dict[str | None, timedelta],
        active: set[str],
        features: dict[str, tuple[set[str], date | None]],
    ) -> None:
        self.events = [event for event in events if event.event_at < as_of]
        self.local_date, self.timeouts, self.features = local_date, timeouts, features
        self.running, self.last = local_date(as_of), local_date(as_of - timedelta(microseconds=1))
        self.is_active = lambda event: event.event_name in active
        self.first = min(map(self.day, self.events))

    def day(self, event: Event) -> date:
        return self.local_date(event.event_at)

    def dates(self, first: date | None = None) -> list[date]:
        start = first or self.first
        return [start + DAY * number for number in range((self.last - start).days + 1)]

    @staticmethod
    def start(interval: str, day: date) -> date:
        if interval == "week":
            return day - DAY * ((day.weekday() + 1) % 7)
        return day.replace(day=1) if interval == "month" else day

    def next(self, interval: str, start: date) -> date:
        days = {"day": 1, "week": 7, "month": 31}[interval]
        return self.start(interval, start + DAY * days)

    def periods(self, interval: str, first: date) -> list[date]:
        return list(dict.fromkeys(self.start(interval, day) for day in self.dates(first)))

    # --- sessions ---

    @cached_property
    def sessions(self) -> list[Session]:
        streams: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
        for event in self.events:
            streams[event.user_id, event.session].append(event)
        found: list[list[Event]] = []
        for (_, sent), stream in streams.items():
            current: list[Event] = []
            for event in sorted(stream, key=lambda event: (event.event_at, event.event_id)):
                if current:
                    platform = (current[-1].platform or "").lower()
                    timeout = self.timeouts.get(platform, self.timeouts[None])
                    is_idle = sent is None and event.event_at - current[-1].event_at > timeout
                    if is_idle or event.event_at - current[0].event_at >= timedelta(hours=24):
                        found.append(current)
                        current = []
                current.append(event)
            found.append(current)
        return [Session(tuple(events)) for events in found]

    def values(self, event: Event) -> Iterator[tuple[str, str]]:
        yield "all", "all"
        yield "platform", event.platform or "(none)"

    @cached_property
    def value_dates(self) -> dict[tuple[str, str], date]:
        first: dict[tuple[str, str], date] = {}
        for event in self.events:
            for value in self.values(event):
                first[value] = min(first.get(value, date.max), self.day(event))
        return first

    def session_lengths(self) -> Cells:
        groups: dict[tuple[Any, ...], list[Session]] = defaultdict(list)
        for session in self.sessions:
            for value in self.values(session.events[0]):
                groups[self.day(session.events[0]), *value].append(session)
        cells: Cells = {}
        for value, first in self.value_dates.items():
            for day in self.dates(first):
                held = groups[day, *value]
                if not held:
                    cells[day, *value] = (0, None, None, None, 0, None, None, None)
                    continue
                lengths = sorted(session.seconds for session in held)
                sizes = [len(session.events) for session in held]
                bounced = sizes.count(1)
                cells[day, *value] = (
                    len(held), mean(lengths), median(lengths), at(lengths, 0.9), bounced,
                    bounced / len(held), mean(sizes), float(median(sizes)),
                )  # fmt: skip
        return cells

    # --- engagement ---

    @cached_property
    def active_days(self) -> dict[str, set[date]]:
        found: dict[str, set[date]] = defaultdict(set)
        for event in self.events:
            if self.is_active(event):
                found[event.user_id].add(self.day(event))
        return found

    def power_user_curve(self) -> Cells:
        cells: Cells = {}
        for week in self.periods("week", self.first):
            end = week + DAY * 6
            if end > self.last:
                continue
            for window in (7, 28):
                counts = Counter(
                    sum(end - DAY * window < day <= end for day in days)
                    for days in self.active_days.values()
                )
                total = sum(counts[number] for number in counts if number)
                for number in range(1, window + 1):
                    cells[end, window, number] = (
                        counts[number], counts[number] / total if total else None,
                        end - DAY * (window - 1) >= self.first,
                    )  # fmt: skip
        return cells

    def calendar_active_users(self) -> Cells:
        active: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        new: Counter[tuple[Any, ...]] = Counter()
        firsts: dict[tuple[str, str], tuple[Any, ...]] = {}
        for event in filter(self.is_active, self.events):
            for name, value in self.values(event):
                order = (event.event_at, event.event_name, value)
                known = firsts.get((event.user_id, name))
                firsts[event.user_id, name] = min(known, order) if known else order
                for interval in ("week", "month"):
                    start = self.start(interval, self.day(event))
                    active[interval, start, name, value].add(event.user_id)
        for (_, name), (instant, _, value) in firsts.items():
            for interval in ("week", "month"):
                new[interval, self.start(interval, self.local_date(instant)), name, value] += 1
        return {
            (key := (interval, start, *value)): (
                len(active[key]), new[key], self.next(interval, start) <= self.running,
            )
            for value, first in self.value_dates.items()
            for interval in ("week", "month")
            for start in self.periods(interval, first)
        }  # fmt: skip

    def event_matrix(self) -> Cells:
        doers: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
        active: dict[date, set[str]] = defaultdict(set)
        days: dict[tuple[date, str], set[tuple[str, date]]] = defaultdict(set)
        for event in self.events:
            week = self.start("week", self.day(event))
            doers[week, event.event_name][event.user_id] += 1
            days[week, event.event_name].add((event.user_id, self.day(event)))
            if self.is_active(event):
                active[week].add(event.user_id)
        return {
            (week, name): (
                len(active[week]), len(counts),
                len(counts) / len(active[week]) if active[week] else None,
                counts.total(), counts.total() / len(counts),
                len(days[week, name]) / len(counts), week + DAY * 7 <= self.running,
            )
            for (week, name), counts in doers.items()
        }  # fmt: skip

    def feature_adoption(self) -> Cells:
        cells: Cells = {}
        for name, (names, launched_on) in self.features.items():
            uses = [event for event in self.events if event.event_name in names]
            first_use: dict[str, date] = {}
            for event in uses:
                day = self.day(event)
                first_use[event.user_id] = min(first_use.get(event.user_id, date.max), day)
            begin = self.first
            if launched_on:
                begin = max(begin, min([launched_on, *first_use.values()]))
            for week in self.periods("week", begin):
                eligible = {
                    user for user, days in self.active_days.items()
                    if any(week <= day < week + DAY * 7 for day in days)
                }  # fmt: skip
                used: dict[str, list[date]] = defaultdict(list)
                for event in uses:
                    if self.start("week", self.day(event)) == week and event.user_id in eligible:
                        used[event.user_id].append(self.day(event))
                new = [user for user in used if first_use[user] >= week]
                could = {user: max(min(self.active_days[user]), launched_on or date.min)
                         for user in new}  # fmt: skip
                waits = [max((first_use[user] - could[user]).days, 0) for user in new]
                total = sum(map(len, used.values()))
                repeated = sum(len(set(days)) > 1 for days in used.values())
                cells[name, week] = (
                    len(eligible), len(used), len(used) / len(eligible) if eligible else None,
                    len(new), total, total / len(used) if used else None,
                    repeated / len(used) if used else None, float(median(waits)) if waits else None,
                    week + DAY * 7 <= self.running,
                )  # fmt: skip
        return cells

    # --- growth ---

    def growth_accounting(self) -> Cells:
        subjects: dict[tuple[str, str], dict[str, set[date]]] = {
            ("product", "product"): self.active_days
        }
        for name, (names, _) in self.features.items():
            days: dict[str, set[date]] = defaultdict(set)
            for event in self.events:
                if event.event_name in names:
                    days[event.user_id].add(self.day(event))
            subjects["feature", name] = days
        cells: Cells = {}
        for subject, people in subjects.items():
            first = min(min(days) for days in people.values())
            for interval in ("day", "week", "month"):
                counts = {
                    user: Counter(self.start(interval, day) for day in days)
                    for user, days in people.items()
                }
                cells |= self._accounting(subject, interval, counts, self.periods(interval, first))
        return cells

    def _accounting(
        self, subject: tuple[str, str], interval: str, people: dict[str, Counter[date]],
        periods: list[date],
    ) -> Cells:  # fmt: skip
        cells: Cells = {}
        states: dict[str, str] = {}
        seen: set[str] = set()
        for number, period in enumerate(periods):
            before = periods[number - 1] if number else date.min
            now: dict[str, str] = {}
            left: Counter[str] = Counter()
            more = less = 0
            for user, days in people.items():
                change = days[period] - days[before]
                if not days[period]:
                    left[states.get(user, "nobody")] += 1
                elif user not in seen:
                    now[user] = "new"
                elif user in states:
                    now[user] = "retained"
                    more, less = more + max(change, 0), less + max(-change, 0)
                else:
                    now[user] = "resurrected"
            came = Counter(now.values())
            churned = [left[state] for state in ("new", "retained", "resurrected")]
            flows: tuple[Any, ...] = (sum(churned), *churned, more, less)
            ratio = (came["new"] + came["resurrected"]) / sum(churned) if sum(churned) else None
            if interval == "day":
                flows = (*flows[:4], None, None)
            is_complete = self.next(interval, period) <= self.running
            if not is_complete:
                flows, ratio = (None,) * 6, None
            cells[*subject, interval, period] = (
                len(now), came["new"], came["retained"], came["resurrected"], *flows, ratio,
                is_complete,
            )  # fmt: skip
            states, seen = now, seen | now.keys()
        return cells

    # --- personas ---

    def personas(
        self, rule: Callable[[dict[str, Any]], str]
    ) -> tuple[dict[str, str], list[tuple[str, str, date]]]:
        """Everybody's persona at as-of, and the days whose end changed it."""
        per_day: dict[str, dict[date, list[Event]]] = defaultdict(lambda: defaultdict(list))
        starts: dict[str, Counter[date]] = defaultdict(Counter)
        for event in self.events:
            per_day[event.user_id][self.day(event)].append(event)
        for session in self.sessions:
            starts[session.events[0].user_id][self.day(session.events[0])] += 1
        now: dict[str, str] = {}
        changes: list[tuple[str, str, date]] = []
        for user, by_day in per_day.items():
            known = None
            row: dict[str, Any] = {"user_id": user, "events_count": 0, "sessions_count": 0}
            for day in self.dates(min(by_day)):
                row["events_count"] += len(by_day.get(day, ()))
                row["sessions_count"] += starts[user][day]
                active = [other for other in self.active_days.get(user, ()) if other <= day]
                row["active_days_count"] = len(active)
                row["active_days_last_28"] = sum(other > day - DAY * 28 for other in active)
                if day in by_day:
                    row["last_seen_at"] = max(event.event_at for event in by_day[day])
                persona = now[user] = rule(row)
                if persona != known and day < self.running:
                    changes.append((user, persona, day))
                    known = persona
        return now, changes
