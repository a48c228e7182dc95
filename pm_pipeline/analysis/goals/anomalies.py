"""Days on which a metric is unlike the same weekdays before.

Belongs here: the expectation of a day and whether it is an alarm, for one series. Does not belong
here: why (``anomaly_causes.py``), reading or writing a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pm_pipeline.analysis.goals.settings import AnomalySettings

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Judged:
    """A day of a series beside what was expected of it."""

    activity_date: date
    value: float
    expected: float
    low: float
    high: float
    """Outside of these two the day is unlike the others."""
    z: float
    is_unlike: bool

    @property
    def change(self) -> float:
        """Return how far the day is from what was expected."""
        return self.value - self.expected

    @property
    def relative_change(self) -> float:
        """Return the change as a share of what was expected."""
        return self.change / self.expected if self.expected else math.copysign(1, self.change)


def judge_days(
    values: Mapping[date, float],
    settings: AnomalySettings,
    *,
    denominators: Mapping[date, float] | None = None,
) -> list[Judged]:
    """Judge every day that has enough history, the oldest first; a day sees no later one.

    A rate is judged as the count above its line: ``denominators`` are what it is a share of.
    """
    if not values:
        return []
    import numpy as np

    first, last = min(values), max(values)
    length = (last - first).days + 1
    series = np.full(length, np.nan)
    for day, value in values.items():
        series[(day - first).days] = value
    levels = np.full(length, np.nan)
    if length > settings.level_days:
        windows = np.lib.stride_tricks.sliding_window_view(series, settings.level_days)
        levels[settings.level_days :] = np.median(windows[:-1], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = series / levels
    judged = []
    for place in range(settings.level_days + 7 * settings.weekdays, length):
        before = ratios[place - 7 * settings.weekdays : place : 7]
        level, value = levels[place], series[place]
        if not (np.isfinite(before).all() and np.isfinite(level) and np.isfinite(value)):
            continue
        day = first + place * DAY
        base = 1.0 if denominators is None else denominators.get(day, 0.0)
        judged.append(_judged(day, float(value), float(level), before, base, settings))
    return judged


def _judged(
    day: date,
    value: float,
    level: float,
    before: Sequence[float] | Any,
    base: float,
    settings: AnomalySettings,
) -> Judged:
    middle = _median(before)
    spread = settings.normal_mad * _median([abs(each - middle) for each in before])
    expected = level * middle
    count = expected * base
    scale = max(level * spread * base, math.sqrt(max(count, 0.0)), settings.least_scale * count)
    change = value * base - count
    z = change / scale if scale > 0 else math.copysign(math.inf, change) if change else 0.0
    reach = max(settings.z * scale, settings.least_change * count)
    return Judged(
        activity_date=day,
        value=value,
        expected=expected,
        low=max(expected - reach / base, 0.0) if base else expected,
        high=expected + reach / base if base else expected,
        z=z if math.isfinite(z) else math.copysign(_FAR, z),
        is_unlike=(
            abs(z) > settings.z
            and abs(change) >= settings.least_change * count
            and count >= settings.least_expected
        ),
    )


_FAR = 1e9
"""What an infinite z is written as; it is never an alarm, since nothing was expected."""


def _median(values: Sequence[float] | Any) -> float:
    ordered = sorted(float(value) for value in values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2
