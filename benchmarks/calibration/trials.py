"""Many experiments of one design, each read in every way that is offered.

Belongs here: reading and counting. Does not belong here: what the counts must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.calibration.designs import Design, cumulated, draw_arm
from pm_pipeline.analysis.experiments import (
    Comparison,
    Looks,
    Moments,
    Reading,
    compare,
    merged,
)

DAYS = 28
UNITS = 300
"""A day and arm."""
ALPHA = 0.05
LOOK_DAYS = (7, 14, 21, 28)
PLANNED = 2 * UNITS * DAYS


@dataclass
class Counts:
    """What happened in how many trials."""

    trials: int = 0
    fixed_rejects: int = 0
    fixed_covers: int = 0
    grouped_rejects: int = 0
    """At any look: a trial stops at the first that rejects."""
    sequence_rejects: int = 0
    """At any day."""
    sequence_covers: int = 0
    """On all days."""
    reduction: float = 0.0
    """Mean share of the variance that CUPED took off, at the end."""


def _looks(number: int) -> Looks:
    fractions = tuple(day / DAYS for day in LOOK_DAYS[: number + 1])
    return Looks(fractions, is_last=number + 1 == len(LOOK_DAYS))


READINGS = [
    Reading(ALPHA, "group_sequential", PLANNED, _looks(number)) for number in range(len(LOOK_DAYS))
]
FIXED = Reading(ALPHA, "fixed")
SEQUENTIAL = Reading(ALPHA, "sequential", PLANNED)


def run_trials(
    design: Design, trials: int, *, effect_in_spreads: float, seed: int, adjusted: Sequence[bool]
) -> list[Counts]:
    """Draw ``trials`` experiments of two arms and read each once for every entry of ``adjusted``.

    An entry says whether the time before exposure is used.
    """
    counts = [Counts(trials) for _ in adjusted]
    effect = effect_in_spreads * design.spread
    for trial in range(trials):
        generator = np.random.default_rng([seed, trial])
        control, variant = (
            cumulated(draw_arm(design, generator, DAYS, UNITS, added)) for added in (0.0, effect)
        )
        days = [Day(*pair, merged(pair)) for pair in zip(control, variant, strict=True)]
        for each, use_covariate in zip(counts, adjusted, strict=True):
            _read(each, design, days, effect, use_covariate=use_covariate)
    for each in counts:
        each.reduction /= trials
    return counts


@dataclass(frozen=True)
class Day:
    """What is known at a day's end."""

    control: Moments
    variant: Moments
    both: Moments


def _read(
    counts: Counts, design: Design, days: Sequence[Day], effect: float, *, use_covariate: bool
) -> None:
    def at(day: int, reading: Reading) -> Comparison:
        known = days[day - 1]
        found = compare(
            [known.control], [known.variant], [known.both], design.kind, reading,
            use_covariate=use_covariate,
        )  # fmt: skip
        assert isinstance(found, Comparison), found
        return found

    final = at(DAYS, FIXED)
    low, high = final.interval(ALPHA)
    counts.fixed_covers += low <= effect <= high
    counts.fixed_rejects += _rejects(final)
    counts.reduction += final.variance_reduction or 0.0
    counts.grouped_rejects += any(
        _rejects(at(day, reading)) for day, reading in zip(LOOK_DAYS, READINGS, strict=True)
    )
    daily = [at(day, SEQUENTIAL) for day in range(1, DAYS + 1)]
    counts.sequence_rejects += any(_rejects(found) for found in daily)
    intervals = [found.deciding_interval(ALPHA) for found in daily]
    counts.sequence_covers += all(
        interval[0] <= effect <= interval[1] for interval in intervals if interval is not None
    )


def _rejects(found: Comparison) -> bool:
    p = found.deciding_p()
    return p is not None and p <= ALPHA
