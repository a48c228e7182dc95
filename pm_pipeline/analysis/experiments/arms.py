"""What one arm says of a metric: its mean or ratio, adjusted by the covariate, over its phases.

Belongs here: the delta method, CUPED, weights of phases. Does not belong here: comparing arms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pm_pipeline.analysis.experiments.moments import (
    COVARIATE,
    COVARIATE_DENOMINATOR,
    DENOMINATOR,
    METRIC,
    Moments,
    Vector,
    is_negligible,
    merged,
)
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings

MetricKind = Literal["mean", "proportion", "ratio"]

MEAN_OF_METRIC: Vector = (1.0, 0.0, 0.0, 0.0)
MEAN_OF_COVARIATE: Vector = (0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Score:
    """A figure of a group of units, and the weighted sum of variables that varies as it does.

    For a mean this is the variable itself; for a ratio of totals the linearised value
    (numerator - ratio x denominator) / mean denominator.
    """

    value: float
    weights: Vector


def metric_score(moments: Moments, kind: MetricKind) -> Score | None:
    """Return the metric of the units; None when no unit has a denominator."""
    if kind != "ratio":
        return Score(moments.means[METRIC], MEAN_OF_METRIC)
    below = moments.means[DENOMINATOR]
    if not below:
        return None
    ratio = moments.means[METRIC] / below
    return Score(ratio, (1 / below, -ratio / below, 0.0, 0.0))


def covariate_score(moments: Moments, kind: MetricKind) -> Score | None:
    """Return the same of the time before exposure."""
    if kind != "ratio":
        return Score(moments.means[COVARIATE], MEAN_OF_COVARIATE)
    below = moments.means[COVARIATE_DENOMINATOR]
    if not below:
        return None
    ratio = moments.means[COVARIATE] / below
    return Score(ratio, (0.0, 0.0, 1 / below, -ratio / below))


def adjustment(all_arms: Moments, kind: MetricKind, settings: Settings = DEFAULTS) -> float | None:
    """Return theta from the total moments of all arms; None when the rules forbid it."""
    if all_arms.count < settings.covariate_units:
        return None
    metric, covariate = metric_score(all_arms, kind), covariate_score(all_arms, kind)
    if metric is None or covariate is None:
        return None
    spread = all_arms.variance(covariate.weights)
    if is_negligible(spread, covariate.value, settings.negligible_spread):
        return None
    return all_arms.covariance(metric.weights, covariate.weights) / spread


@dataclass(frozen=True)
class Stratum:
    """The part of an arm that belongs to one phase; variances are those of its mean."""

    count: int
    weight: float
    value: float
    adjusted: float
    variance: float
    """Of the adjusted value."""
    value_variance: float
    covariance: float
    """Of adjusted and unadjusted value."""


@dataclass(frozen=True)
class Arm:
    """An arm as it enters a comparison."""

    strata: tuple[Stratum, ...]

    @property
    def count(self) -> int:
        """The units."""
        return sum(part.count for part in self.strata)

    @property
    def value(self) -> float:
        """The unadjusted mean or ratio."""
        return sum(part.weight * part.value for part in self.strata)

    @property
    def adjusted(self) -> float:
        """The same without what the covariate explains; equal to it without a covariate."""
        return sum(part.weight * part.adjusted for part in self.strata)

    def variance(self, taken: float = 0.0) -> tuple[float, float]:
        """Return the variance of ``adjusted - taken x value``, and its Welch term.

        The Welch term is the sum of squared variances over their degrees of freedom.
        """
        total = term = 0.0
        for part in self.strata:
            own = part.variance
            if taken:
                own += taken * (taken * part.value_variance - 2 * part.covariance)
            own = max(own, 0.0) * part.weight**2
            total += own
            term += own * own / (part.count - 1)
        return total, term

    @property
    def value_variance(self) -> float:
        """The variance of the unadjusted value."""
        return sum(part.weight**2 * part.value_variance for part in self.strata)

    @property
    def covariance(self) -> float:
        """The covariance of adjusted and unadjusted value."""
        return sum(part.weight**2 * part.covariance for part in self.strata)


def make_stratum(
    moments: Moments,
    all_arms: Moments,
    kind: MetricKind,
    theta: float | None,
    weight: float = 1.0,
) -> Stratum | None:
    """Describe the units of one arm and phase; ``all_arms`` are those of the same phase."""
    metric = metric_score(moments, kind)
    if metric is None:
        return None
    own = moments.variance(metric.weights) / moments.count
    plain = Stratum(moments.count, weight, metric.value, metric.value, own, own, own)
    covariate, everywhere = covariate_score(moments, kind), covariate_score(all_arms, kind)
    if theta is None or covariate is None or everywhere is None:
        return plain
    weights = _less(metric.weights, theta, covariate.weights)
    return Stratum(
        count=moments.count,
        weight=weight,
        value=metric.value,
        adjusted=metric.value - theta * (covariate.value - everywhere.value),
        variance=moments.variance(weights) / moments.count,
        value_variance=own,
        covariance=moments.covariance(weights, metric.weights) / moments.count,
    )


def _less(weights: Vector, theta: float, others: Vector) -> Vector:
    first, second, third, fourth = (
        weight - theta * other for weight, other in zip(weights, others, strict=True)
    )
    return (first, second, third, fourth)


@dataclass(frozen=True)
class Pair:
    """Control and variant, ready to be compared."""

    control: Arm
    variant: Arm


def make_pair(
    control: Sequence[Moments],
    variant: Sequence[Moments],
    all_arms: Sequence[Moments],
    kind: MetricKind,
    theta: float | None,
    settings: Settings = DEFAULTS,
) -> Pair | None:
    """Describe two arms; each sequence has one entry a phase.

    A phase weighs as its share of the closed units. One in which an arm has too few units says
    nothing of the difference and is left out. None when no phase is left.
    """
    least = settings.units_for_variance
    kept = [
        number
        for number, pair in enumerate(zip(control, variant, strict=True))
        if min(part.count for part in pair) >= least
    ]
    total = sum(all_arms[number].count for number in kept)
    sides: list[list[Stratum]] = [[], []]
    for number in kept:
        weight = all_arms[number].count / total
        for side, moments in zip(sides, (control[number], variant[number]), strict=True):
            stratum = make_stratum(moments, all_arms[number], kind, theta, weight)
            if stratum is None:
                return None
            side.append(stratum)
    if not total:
        return None
    return Pair(Arm(tuple(sides[0])), Arm(tuple(sides[1])))


def theta_of(
    all_arms: Sequence[Moments], kind: MetricKind, settings: Settings = DEFAULTS
) -> float | None:
    """Return theta over all phases."""
    return adjustment(merged(all_arms), kind, settings)
