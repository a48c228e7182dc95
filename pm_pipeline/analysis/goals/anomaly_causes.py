"""Why a metric is unlike itself: first whether it was measured, then which metric it follows.

Belongs here: the order in which explanations are tried, and the split of a rate's change. Does not
belong here: when a day is unlike the others (``anomalies.py``), reading or writing a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from pm_pipeline.analysis.goals.anomalies import Judged, judge_days
from pm_pipeline.analysis.goals.settings import AnomalySettings

PEOPLE = "daily_active_users"
INPUTS: dict[str, tuple[str, ...]] = {
    "new_users": (),
    PEOPLE: ("new_users",),
    "weekly_active_users": (PEOPLE,),
    "monthly_active_users": (PEOPLE,),
    "stickiness_rate": (PEOPLE,),
    "sessions": (PEOPLE,),
}
"""What each built-in metric is made of. New people are a part of all people: an alarm of theirs is
the root only if it accounts for the change. A metric of the product's own is made of people."""
PARTS = {(PEOPLE, "new_users")}
"""Edges from a whole to a part of it, in the same unit."""


MISSING = " (none)"
"""The end of the name of a segment's value that says that there is none."""


@dataclass(frozen=True)
class Signal:
    """A day's count of one event, or of one value of a segment, as it arrived."""

    name: str
    """Such as ``event song_played`` or ``platform web``."""
    activity_date: date
    events: float
    users: float


@dataclass(frozen=True)
class Fault:
    """A signal that stopped or came twice."""

    words: str
    is_drop: bool
    share: float
    """The part of all expected events that it was expected to be."""


@dataclass(frozen=True)
class Part:
    """One slice of a rate: how much of everything it is, and its own rate."""

    weight: float
    rate: float


@dataclass(frozen=True)
class RateAndMix:
    """A rate's change: by the rates of its slices, and by how much of everything each slice is."""

    rate_effect: float
    mix_effect: float


def split_change(before: Mapping[str, Part], after: Mapping[str, Part]) -> RateAndMix:
    """Split the change of a rate; the two effects add up to it exactly.

    A slice that is there only once keeps its rate: its coming or going is mix.
    """
    rate_effect = mix_effect = 0.0
    weights = [sum(part.weight for part in parts.values()) or 1.0 for parts in (before, after)]
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        old_rate = old.rate if old else new.rate if new else 0.0
        new_rate = new.rate if new else old_rate
        old_weight = old.weight / weights[0] if old else 0.0
        new_weight = new.weight / weights[1] if new else 0.0
        rate_effect += (old_weight + new_weight) / 2 * (new_rate - old_rate)
        mix_effect += (old_rate + new_rate) / 2 * (new_weight - old_weight)
    return RateAndMix(rate_effect, mix_effect)


def find_faults(
    signals: Sequence[Signal], last_date: date, settings: AnomalySettings
) -> dict[date, list[Fault]]:
    """Return by day what was no longer sent, or sent twice."""
    by_name: dict[str, dict[date, Signal]] = defaultdict(dict)
    for signal in signals:
        by_name[signal.name][signal.activity_date] = signal
    all_events: dict[date, float] = defaultdict(float)
    found: dict[date, list[tuple[str, bool, float]]] = defaultdict(list)
    for name, days in sorted(by_name.items()):
        events = _filled({day: one.events for day, one in days.items()}, last_date)
        rates = {day: one.events / one.users for day, one in days.items() if one.users}
        usual = {one.activity_date: one for one in judge_days(rates, settings)}
        for judged in judge_days(events, settings):
            day, expected = judged.activity_date, judged.expected
            if name.startswith("event "):
                all_events[day] += expected
            if expected < settings.least_expected:
                continue
            told = f"{judged.value:,.0f} events of {expected:,.0f} expected"
            if judged.value <= settings.silent * expected:
                found[day].append((f"{name} stopped: {told}", True, expected))
            elif (
                judged.is_unlike
                and judged.value > expected
                and day in usual
                and usual[day].value >= settings.repeated * usual[day].expected
            ):
                found[day].append((f"{name} is sent repeatedly: {told}", False, expected))
    for name, days in sorted(by_name.items()):
        if name.endswith(MISSING):
            for day, lacking in _lacking(name, days, all_arrived(signals), settings):
                found[day].append(lacking)
    return {
        day: [Fault(words, is_drop, expected / all_events[day] if all_events[day] else 1.0)
              for words, is_drop, expected in faults]
        for day, faults in found.items()
    }  # fmt: skip


def all_arrived(signals: Sequence[Signal]) -> dict[date, float]:
    """Return how many events arrived on each day."""
    arrived: dict[date, float] = defaultdict(float)
    for signal in signals:
        if signal.name.startswith("event "):
            arrived[signal.activity_date] += signal.events
    return arrived


def _lacking(
    name: str, days: Mapping[date, Signal], arrived: Mapping[date, float], settings: AnomalySettings
) -> Iterator[tuple[date, tuple[str, bool, float]]]:
    """Yield the days on which many more events than usual lack the value of a segment."""
    for day, signal in sorted(days.items()):
        weekdays = [
            date.fromordinal(day.toordinal() - 7 * back) for back in range(1, settings.weekdays + 1)
        ]
        shares = [
            days[each].events / arrived[each] if each in days else 0.0
            for each in weekdays
            if arrived.get(each)
        ]
        total = arrived.get(day, 0.0)
        if len(shares) < settings.weekdays or total < settings.least_expected:
            continue
        usual = median(shares)
        more = signal.events / total - usual
        if more >= settings.missing:
            segment = name.removesuffix(MISSING)
            told = f"no {segment} on {signal.events:,.0f} of {total:,.0f} events"
            yield day, (f"{told}, {100 * usual:.0f} % as usual", True, more * total)


def _filled(values: Mapping[date, float], last_date: date) -> dict[date, float]:
    """Return the values with 0 on days between that have none: nothing arrived."""
    first = min(values)
    days = (first.fromordinal(first.toordinal() + k) for k in range((last_date - first).days + 1))
    return {day: values.get(day, 0.0) for day in days}


def instrumentation(
    judged: Judged, faults: Sequence[Fault], settings: AnomalySettings
) -> str | None:
    """Return the faults of measurement that could make this change; None without one."""
    large_enough = settings.explains * min(abs(judged.relative_change), 1.0)
    by_kind: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.is_drop == (judged.change < 0):
            by_kind[fault.words.split(" ", 1)[0]].append(fault)
    for _, of_kind in sorted(by_kind.items()):
        if sum(fault.share for fault in of_kind) >= large_enough:
            largest = sorted(of_kind, key=lambda fault: (-fault.share, fault.words))
            return "instrumentation: " + "; ".join(fault.words for fault in largest[:_NAMED])
    return None


_NAMED = 3
"""More than three names are nobody's first look."""


def root_of(
    metric: str,
    unlike: Mapping[str, Judged],
    settings: AnomalySettings,
    parts: Sequence[tuple[str, int]] | None = None,
) -> str:
    """Return the metric that this one follows on a day, itself if none.

    ``unlike`` holds the metrics that are unlike themselves that day. ``parts`` are given of a rate
    of the product's own: it follows what stands above its line in the same direction and what
    stands below in the other, and no other metric.
    """
    if parts is not None:
        for source, sign in parts:
            same = source in unlike and _is_same_way(unlike[source], unlike[metric])
            if source in unlike and same is (sign > 0):
                return root_of(source, unlike, settings)
        return metric
    for source in INPUTS.get(metric, (PEOPLE,)):
        if source not in unlike or not _is_same_way(unlike[source], unlike[metric]):
            continue
        if (metric, source) in PARTS and not _accounts(unlike[source], unlike[metric], settings):
            continue
        return root_of(source, unlike, settings)
    for whole, part in sorted(PARTS):
        if (
            part == metric
            and whole in unlike
            and _is_same_way(unlike[whole], unlike[part])
            and not _accounts(unlike[part], unlike[whole], settings)
        ):
            return whole
    return metric


def _is_same_way(one: Judged, other: Judged) -> bool:
    return (one.change > 0) == (other.change > 0)


def _accounts(part: Judged, whole: Judged, settings: AnomalySettings) -> bool:
    return abs(part.change) >= settings.explains * abs(whole.change)
