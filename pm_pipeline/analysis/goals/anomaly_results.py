"""The rows of ``goals.anomalies``: every judged day of every metric, with what made it unlike.

Belongs here: putting judgement, root and cause together, and the words of a cause. Does not belong
here: how any of them is found, reading or writing a database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pm_pipeline.analysis.goals.anomalies import Judged, judge_days
from pm_pipeline.analysis.goals.anomaly_causes import (
    Fault,
    Part,
    Signal,
    find_faults,
    instrumentation,
    root_of,
    split_change,
)
from pm_pipeline.analysis.goals.settings import AnomalySettings

RATES = {"stickiness_rate": "monthly_active_users"}
"""Metrics that are a share, and of what."""

Days = Mapping[date, float]
Slice = tuple[str, str]
"""A segment and one of its values."""


@dataclass(frozen=True)
class Rate:
    """A metric of the product's own that is a rate."""

    denominators: Days
    inputs: tuple[tuple[str, int], ...] = ()
    """What stands above the line (1) and below it (-1), where these are metrics themselves."""
    known_after_days: int = 0
    """How long ago began what is known on a day: what went wrong since can be the cause."""
    slices: tuple[Mapping[Slice, Days], Mapping[Slice, Days]] = ({}, {})
    """By value of a segment: rates, and what they are shares of."""


@dataclass(frozen=True)
class Observed:
    """What was measured: metrics day by day, their slices, and what arrived."""

    metrics: Mapping[str, Days]
    last_date: date
    slices: Mapping[str, Mapping[Slice, Days]] = field(default_factory=dict)
    signals: Sequence[Signal] = ()
    rates: Mapping[str, Rate] = field(default_factory=dict)
    marks: Mapping[date, Sequence[str]] = field(default_factory=dict)
    """By day, what the product file says happened: releases, launches, experiments."""
    """The metrics that are rates of the product's own."""


def anomaly_rows(observed: Observed, settings: AnomalySettings) -> list[tuple[Any, ...]]:
    """Return the rows in the order of the table's columns and of its key.

    A metric whose last day cannot be judged has a row without expectation, which says so.
    """
    judged = {
        name: judge_days(days, settings, denominators=_denominators(name, observed))
        for name, days in sorted(observed.metrics.items())
    }
    unlike: dict[date, dict[str, Judged]] = defaultdict(dict)
    for name, days in judged.items():
        for day in days:
            if day.is_unlike:
                unlike[day.activity_date][name] = day
    faults = find_faults(observed.signals, observed.last_date, settings) if unlike else {}
    rows: list[tuple[Any, ...]] = []
    for name, days in judged.items():
        for day in days:
            is_alert, root, cause = False, None, None
            if day.is_unlike:
                others = unlike[day.activity_date]
                own = observed.rates.get(name)
                root = root_of(name, others, settings, own.inputs if own else None)
                is_alert = root == name
                cause = f"follows {root}"
                if is_alert:
                    of_day = _faults(name, day.activity_date, faults, observed)
                    cause = _cause(name, day, observed, of_day, settings)
                    cause += _marked(day.activity_date, observed)
            rows.append(
                (name, day.activity_date, day.value, day.expected, day.low, day.high, day.z,
                 is_alert, root, cause)
            )  # fmt: skip
        if not days or days[-1].activity_date != observed.last_date:
            rows.append(_unjudged(name, observed))
    return rows


def _unjudged(name: str, observed: Observed) -> tuple[Any, ...]:
    last = observed.last_date
    value = observed.metrics[name].get(last)
    why = "no value on this day" if value is None else "too little history to judge this day"
    return (name, last, value, None, None, None, None, False, None, why)


def _denominators(name: str, observed: Observed) -> Days | None:
    if name in observed.rates:
        return observed.rates[name].denominators
    base = RATES.get(name)
    return None if base is None else observed.metrics.get(base, {})


def _faults(
    name: str, day: date, faults: Mapping[date, list[Fault]], observed: Observed
) -> list[Fault]:
    """Return the faults that a day's value can have: of all days that it looks back on."""
    back = observed.rates[name].known_after_days if name in observed.rates else 0
    days = (date.fromordinal(day.toordinal() - k) for k in range(back + 1))
    found = [fault for each in days for fault in faults.get(each, [])]
    return list({(fault.words, fault.share): fault for fault in found}.values())


def _cause(
    name: str, day: Judged, observed: Observed, faults: Sequence[Fault], settings: AnomalySettings
) -> str:
    """Return the first explanation that holds, else that there is none."""
    fault = instrumentation(day, faults, settings)
    if fault is not None:
        return fault
    if name in observed.rates and observed.rates[name].inputs:
        return _parts(name, day, observed)
    if name in observed.rates:
        found = _rate_and_mix(day, *observed.rates[name].slices)
    elif name in RATES:
        bases = observed.slices.get(RATES[name], {})
        found = _rate_and_mix(day, observed.slices.get(name, {}), bases)
    else:
        found = _slice(day, observed.slices.get(name, {}), settings)
    return found or "everywhere: no event is missing and no segment stands out"


def _marked(day: date, observed: Observed) -> str:
    """Return what happened on that day or the one before: a mark beside the cause, not a cause."""
    told = [
        f"{what} {when}"
        for when, each in (
            ("that day", day), ("the day before", date.fromordinal(day.toordinal() - 1))
        )
        for what in observed.marks.get(each, ())
    ]  # fmt: skip
    return f"; {', '.join(told)}" if told else ""


def _parts(name: str, day: Judged, observed: Observed) -> str:
    """Return how both metrics of a ratio changed since a week before."""
    before = date.fromordinal(day.activity_date.toordinal() - 7)
    told = []
    for part, _ in observed.rates[name].inputs:
        days = observed.metrics.get(part, {})
        old, new = days.get(before), days.get(day.activity_date)
        if old and new is not None:
            told.append(f"{part} {100 * (new / old - 1):+.0f} %")
    return "since a week before: " + ", ".join(told) if told else "no part of it is known"


def _slice(day: Judged, slices: Mapping[Slice, Days], settings: AnomalySettings) -> str | None:
    """Return the slice that makes most of a change, if it stands out from its segment's others."""
    found: list[tuple[float, str]] = []
    for (segment, value), days in sorted(slices.items()):
        known = {each: days[each] for each in days if each <= day.activity_date}
        known.setdefault(day.activity_date, 0.0)
        of_slice = judge_days(known, settings)
        if not of_slice or of_slice[-1].activity_date != day.activity_date:
            continue
        own = of_slice[-1]
        share = own.change / day.change
        # A slice that falls like everybody else is no explanation.
        usual = own.expected / day.expected
        if share >= settings.explains and share >= usual * (1 + settings.least_change):
            words = f"{segment} {value}: {own.change:+,.0f} of {day.change:+,.0f}"
            found.append((share, words))
    return max(found)[1] if found else None


def _rate_and_mix(
    day: Judged, rates: Mapping[Slice, Days], bases: Mapping[Slice, Days]
) -> str | None:
    """Return how much of a rate's change since a week before its slices' rates and mix make."""
    before = date.fromordinal(day.activity_date.toordinal() - 7)
    for segment in sorted({segment for segment, _ in rates}):
        parts: list[dict[str, Part]] = []
        for when in (before, day.activity_date):
            parts.append(
                {
                    key[1]: Part(bases[key].get(when, 0.0), days[when])
                    for key, days in rates.items()
                    if key[0] == segment and when in days and key in bases
                }
            )
        if all(parts):
            split = split_change(*parts)
            return (
                f"by {segment} since a week before: {100 * split.rate_effect:+.1f} points by the "
                f"rates, {100 * split.mix_effect:+.1f} by the mix"
            )
    return None
