"""Experiments to draw: what a unit's metric looks like.

Belongs here: random units. Does not belong here: how they are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pm_pipeline.analysis.experiments import Moments
from pm_pipeline.analysis.experiments.arms import MetricKind

Array = npt.NDArray[np.float64]
Shape = tuple[int, int]
"""Days and units a day."""
CORRELATION = 0.6
"""Of a unit's metric with itself before exposure."""
PLAYS = 5.0
SHARE = 0.1
SKEW = 1.5


@dataclass(frozen=True)
class Design:
    """A metric: how metric and denominator of units are drawn, and its true mean and spread."""

    name: str
    kind: MetricKind
    draw: Callable[[np.random.Generator, Shape], tuple[Array, Array]]
    mean: float
    spread: float
    """Standard deviation; of a ratio that of the linearised value."""


def _normal(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    return generator.normal(10.0, 1.0, shape), np.zeros(shape)


def _bernoulli(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    return (generator.random(shape) < SHARE).astype(float), np.zeros(shape)


def _lognormal(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    return generator.lognormal(0.0, SKEW, shape), np.zeros(shape)


def _ratio(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    """Seconds over plays: who plays more listens a little longer."""
    plays = 1.0 + generator.poisson(PLAYS, shape)
    seconds = plays * (20 + plays + generator.normal(0, 6, shape))
    return seconds, plays


def _moments_of_ratio() -> tuple[float, float]:
    """Return the true ratio and the spread of its linearised value.

    Seconds = P (20 + P + 6 Z) with P = 1 + Poisson: sums over the Poisson's chances.
    """
    counts = np.arange(0, 200)
    logs = counts * np.log(PLAYS) - PLAYS - np.cumsum(np.log(np.maximum(counts, 1)))
    chances, plays = np.exp(logs), 1.0 + counts
    mean_plays = float(chances @ plays)
    ratio = float(chances @ (plays * (20 + plays))) / mean_plays
    linear = plays * (20 + plays - ratio)
    variance = float(chances @ (linear**2 + (6 * plays) ** 2))
    return ratio, variance**0.5 / mean_plays


RATIO, RATIO_SPREAD = _moments_of_ratio()
LOGNORMAL_MEAN = float(np.exp(SKEW**2 / 2))
LOGNORMAL_SPREAD = float(LOGNORMAL_MEAN * np.sqrt(np.expm1(SKEW**2)))

DESIGNS = (
    Design("normal", "mean", _normal, 10.0, 1.0),
    Design("bernoulli", "proportion", _bernoulli, SHARE, (SHARE * (1 - SHARE)) ** 0.5),
    Design("lognormal", "mean", _lognormal, LOGNORMAL_MEAN, LOGNORMAL_SPREAD),
    Design("ratio", "ratio", _ratio, RATIO, RATIO_SPREAD),
)


def draw_arm(
    design: Design, generator: np.random.Generator, days: int, units: int, effect: float
) -> Array:
    """Draw an arm: 4 variables of so many units on each day; ``effect`` is added to the metric."""
    shape = days, units
    metric, below = design.draw(generator, shape)
    linear = metric - design.mean
    if design.kind == "ratio":
        linear = (metric - design.mean * below) / (1 + PLAYS)
    noise = generator.normal(size=shape)
    before = CORRELATION * linear / design.spread + (1 - CORRELATION**2) ** 0.5 * noise
    return np.stack([metric + effect, below, before, np.ones(shape)])


def cumulated(variables: Array) -> list[Moments]:
    """Return the moments at each day's end: what the days give one by one, merged.

    Sums over the days so far, of values less their common mean, so that no digit is lost.
    """
    _, days, units = variables.shape
    level = variables.mean(axis=(1, 2))
    apart = variables - level[:, None, None]
    counts = units * np.arange(1, days + 1)
    sums = apart.sum(axis=2).cumsum(axis=1)
    by_day = apart.transpose(1, 0, 2)
    products = (by_day @ by_day.transpose(0, 2, 1)).cumsum(axis=0)
    means = sums / counts
    comoments = products - np.einsum("id,jd->dij", means, sums)
    return [
        Moments(
            int(count),
            tuple((level + mean).tolist()),
            tuple(tuple(row) for row in comoment.tolist()),
        )
        for count, mean, comoment in zip(counts, means.T, comoments, strict=True)
    ]
