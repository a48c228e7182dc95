"""Sufficient statistics: count, means and co-moments of up to four variables of a unit.

Belongs here: making and merging them. Sums of squares never appear: at values near 1e8 their
difference has no correct digit. Does not belong here: what is estimated from them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from pm_pipeline.analysis.experiments.settings import DEFAULTS

METRIC, DENOMINATOR, COVARIATE, COVARIATE_DENOMINATOR = range(4)
"""Positions of the variables: the metric (of a ratio: its numerator), the ratio's denominator,
and both again before exposure. A variable that is not there is 0 for every unit."""
VARIABLES = 4
FEW = 4
"""So many slices are put together faster one by one than as arrays: the arms, a day to the last."""

Vector = tuple[float, float, float, float]
Matrix = tuple[Vector, Vector, Vector, Vector]
NO_VECTOR: Vector = (0.0, 0.0, 0.0, 0.0)
NO_MATRIX: Matrix = (NO_VECTOR, NO_VECTOR, NO_VECTOR, NO_VECTOR)


def _vector(values: Sequence[float]) -> Vector:
    first, second, third, fourth = values
    return (float(first), float(second), float(third), float(fourth))


def _matrix(rows: Sequence[Sequence[float]]) -> Matrix:
    first, second, third, fourth = rows
    return (_vector(first), _vector(second), _vector(third), _vector(fourth))


@dataclass(frozen=True)
class Moments:
    """Count, means, and sums of products of deviations from the means."""

    count: int = 0
    means: Vector = NO_VECTOR
    comoments: Matrix = NO_MATRIX

    @classmethod
    def of_values(
        cls,
        metric: Sequence[float],
        denominator: Sequence[float] | None = None,
        covariate: Sequence[float] | None = None,
        covariate_denominator: Sequence[float] | None = None,
    ) -> Moments:
        """Take them from one value a unit and variable, as the warehouse does."""
        count = len(metric)
        if not count:
            return cls()
        variables = np.zeros((VARIABLES, count))
        given = (metric, denominator, covariate, covariate_denominator)
        for position, values in enumerate(given):
            if values is not None:
                variables[position] = values
        means = variables.mean(axis=1)
        deviations = variables - means[:, None]
        return cls(count, _vector(means), _matrix(deviations @ deviations.T))

    @classmethod
    def of_variance(cls, count: int, mean: float, variance: float) -> Moments:
        """Take them from a published mean and sample variance."""
        spread = variance * (count - 1)
        return cls(
            count,
            (mean, 0.0, 0.0, 0.0),
            ((spread, 0.0, 0.0, 0.0), NO_VECTOR, NO_VECTOR, NO_VECTOR),
        )

    @classmethod
    def of_successes(cls, count: int, successes: int) -> Moments:
        """Take them from the units of which the metric is 1, all others being 0."""
        share = successes / count
        return cls.of_variance(count, share, share * (1 - share) * count / max(count - 1, 1))

    def before_exposure(self) -> Moments:
        """Return the covariate in the metric's place, to compare arms before they differed."""
        order = (COVARIATE, COVARIATE_DENOMINATOR, METRIC, DENOMINATOR)
        rows = [[self.comoments[row][column] for column in order] for row in order]
        return Moments(self.count, _vector([self.means[row] for row in order]), _matrix(rows))

    @cached_property
    def successes(self) -> int:
        """How many units have the value 1, when the metric is a proportion."""
        return round(self.count * self.means[METRIC])

    def mean(self, weights: Vector) -> float:
        """Return the mean of a weighted sum of the variables."""
        return sum(weight * mean for weight, mean in zip(weights, self.means, strict=True))

    def covariance(self, left: Vector, right: Vector) -> float:
        """Return the sample covariance of two weighted sums of the variables."""
        total = 0.0
        first, second, third, fourth = right
        for weight, row in zip(left, self.comoments, strict=True):
            if weight:
                # Written out: most of the time of a result is spent here.
                part = first * row[0] if first else 0.0
                if second:
                    part += second * row[1]
                if third:
                    part += third * row[2]
                if fourth:
                    part += fourth * row[3]
                total += weight * part
        return total / (self.count - 1)

    def variance(self, weights: Vector) -> float:
        """Return the sample variance of a weighted sum of the variables.

        Where these move together, as numerator and denominator of a ratio that is the same for all
        units, the terms cancel, and what is left in the last digit depends on the order of sums: 0.
        """
        left = self.covariance(weights, weights)
        first, second, third, fourth = weights
        one, two, three, four = self.comoments
        terms = first * first * one[0] + second * second * two[1]
        terms += third * third * three[2] + fourth * fourth * four[3]
        return 0.0 if left * (self.count - 1) < DEFAULTS.cancelled_share * terms else left


def merged(parts: Iterable[Moments]) -> Moments:
    """Put slices together: days, phases, arms (Chan, for any number of slices at once)."""
    filled = [part for part in parts if part.count]
    if not filled:
        return Moments()
    if len(filled) <= FEW:
        return reduce(_put_together, filled)
    count = sum(part.count for part in filled)
    shares = np.array([part.count / count for part in filled])
    means = np.array([part.means for part in filled])
    # Relative to the first slice, so that a large common level does not cost digits.
    mean = means[0] + shares @ (means - means[0])
    apart = means - mean
    comoments = np.array([part.comoments for part in filled]).sum(axis=0)
    comoments += (apart * (shares * count)[:, None]).T @ apart
    return Moments(count, _vector(mean), _matrix(comoments))


def _put_together(one: Moments, other: Moments) -> Moments:
    count = one.count + other.count
    share = other.count / count
    a, b, c, d = (right - left for left, right in zip(one.means, other.means, strict=True))
    first, second, third, fourth = one.means
    weight = one.count * share
    left, right = one.comoments, other.comoments
    aa = left[0][0] + right[0][0] + a * a * weight
    ab = left[0][1] + right[0][1] + a * b * weight
    ac = left[0][2] + right[0][2] + a * c * weight
    ad = left[0][3] + right[0][3] + a * d * weight
    bb = left[1][1] + right[1][1] + b * b * weight
    bc = left[1][2] + right[1][2] + b * c * weight
    bd = left[1][3] + right[1][3] + b * d * weight
    cc = left[2][2] + right[2][2] + c * c * weight
    cd = left[2][3] + right[2][3] + c * d * weight
    dd = left[3][3] + right[3][3] + d * d * weight
    return Moments(
        count,
        (first + a * share, second + b * share, third + c * share, fourth + d * share),
        ((aa, ab, ac, ad), (ab, bb, bc, bd), (ac, bc, cc, cd), (ad, bd, cd, dd)),
    )


def is_negligible(variance: float, mean: float, share: float) -> bool:
    """Whether a variance is nothing but rounding of values near the mean."""
    return math.sqrt(variance) <= share * abs(mean)
