"""The result of an experiment as of each product day.

Belongs here: rows by day. Does not belong here: which units were closed on a day, which the caller
says, and any rule of its own: each day is read as if it were today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pm_pipeline.analysis.experiments.boundaries import Looks
from pm_pipeline.analysis.experiments.comparisons import Comparison
from pm_pipeline.analysis.experiments.plans import Plan
from pm_pipeline.analysis.experiments.readout import compare_slice
from pm_pipeline.analysis.experiments.results import Slice, SliceKey
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings


@dataclass(frozen=True)
class TimelineRow:
    """A row of ``experiments.timeline``."""

    experiment_name: str
    metric_name: str
    variant: str
    as_of_date: date
    difference: float | None
    deciding_low: float | None
    deciding_high: float | None
    users_count: int


@dataclass(frozen=True)
class DayState:
    """What was known at the end of a day: units closed by then; of group_sequential the looks.

    Between two looks the state is that of the first of them.
    """

    slices: Mapping[SliceKey, Slice]
    looks: Looks | None = None


def timeline(
    plan: Plan, days: Mapping[date, DayState], settings: Settings = DEFAULTS
) -> list[TimelineRow]:
    """Return one row a day, metric and arm, over all units of the default analysis."""
    asked = [
        (SliceKey(metric.name), metric, variant, plan.alpha / plan.family_size(metric.role))
        for metric in plan.metrics
        for variant in plan.treatments
    ]
    rows = []
    for day in sorted(days):
        state = days[day]
        for key, metric, variant, level in asked:
            part = state.slices.get(key)
            if part is None:
                continue
            found = compare_slice(plan, metric, part, key, variant, state.looks, settings)
            difference, interval = None, None
            if isinstance(found, Comparison):
                difference = found.difference.estimate
                interval = found.deciding_interval(level)
            low, high = interval or (None, None)
            users = sum(phase.count for phase in part.arms.get(variant, ()))
            rows.append(
                TimelineRow(plan.name, metric.name, variant, day, difference, low, high, users)
            )
    return rows
