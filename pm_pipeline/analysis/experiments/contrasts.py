"""A difference with its variance, and what follows from it at any level.

Belongs here: Welch's t, the interval of a lift by Fieller, one-sided p. Does not belong here: which
level is asked for, and the special forms of proportions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from pm_pipeline.analysis.experiments.arms import Pair


@dataclass(frozen=True)
class Contrast:
    """An estimate, its variance, Welch's degrees of freedom, and the units behind it."""

    estimate: float
    variance: float
    degrees: float
    units: int

    @property
    def is_finite(self) -> bool:
        """Whether the numbers behind it were small enough to be added up."""
        return all(map(math.isfinite, (self.estimate, self.variance, self.degrees)))

    @property
    def standard_error(self) -> float:
        """The square root of the variance."""
        return math.sqrt(self.variance)

    @property
    def ratio(self) -> float:
        """The estimate in standard errors."""
        return self.estimate / self.standard_error


def contrast(pair: Pair, taken: float = 0.0) -> Contrast | None:
    """Return the adjusted difference, or with ``taken`` the difference less a share of control.

    ``taken = r`` asks for variant - (1 + r) x control, whose sign tells on which side of r the
    lift lies. None without any variance.
    """
    control, control_term = pair.control.variance(-taken)
    variant, variant_term = pair.variant.variance()
    variance = control + variant
    terms = control_term + variant_term
    if variance <= 0 or terms <= 0:
        return None
    return Contrast(
        estimate=pair.variant.adjusted - pair.control.adjusted - taken * pair.control.value,
        variance=variance,
        degrees=variance * variance / terms,
        units=pair.control.count + pair.variant.count,
    )


def welch_p(difference: Contrast) -> float:
    """Return the two-sided p of no difference."""
    return float(2 * special.stdtr(difference.degrees, -abs(difference.ratio)))


def welch_critical(difference: Contrast, alpha: float) -> float:
    """Return how many standard errors the two-sided interval of level 1 - alpha reaches."""
    return float(special.stdtrit(difference.degrees, 1 - alpha / 2))


def one_sided(two_sided: float, estimate: float, sign: int = 1) -> float:
    """Return the p against "not better than 0", better being the direction of ``sign``."""
    return two_sided / 2 if sign * estimate > 0 else 1 - two_sided / 2


@dataclass(frozen=True)
class Lift:
    """A difference over the unadjusted control value; without interval the baseline is noise."""

    value: float
    low: float | None
    high: float | None


def lift(pair: Pair, difference: Contrast, critical: float) -> Lift | None:
    """Return the lift with Fieller's interval; None unless the control value is positive.

    The interval holds every r for which variant - (1 + r) x control is within ``critical``
    standard errors of 0: the roots of a quadratic in r. It excludes 0 exactly when the interval
    of the difference at the same ``critical`` does.
    """
    base = pair.control.value
    if base <= 0:
        return None
    square = critical**2
    leading = base * base - square * pair.control.value_variance
    value = difference.estimate / base
    if leading <= 0:
        return Lift(value, None, None)
    middle = difference.estimate * base + square * pair.control.covariance
    last = difference.estimate * difference.estimate - square * difference.variance
    root = math.sqrt(max(middle * middle - leading * last, 0.0))
    return Lift(value, (middle - root) / leading, (middle + root) / leading)
