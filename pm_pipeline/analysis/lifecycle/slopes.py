"""The slope of a short series with an honest interval.

Belongs here: Theil-Sen and the widening of its interval by the correlation of neighbours. Does not
belong here: what a slope means.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pm_pipeline.analysis.lifecycle.settings import SlopeSettings


@dataclass(frozen=True)
class Slope:
    """A slope a step of the series, and its interval."""

    value: float
    low: float
    high: float

    def as_rate(self) -> Slope:
        """Return the slope of logarithms as a relative change a step."""
        return Slope(math.expm1(self.value), math.expm1(self.low), math.expm1(self.high))


def robust_slope(values: ArrayLike, settings: SlopeSettings) -> Slope:
    """Return the Theil-Sen slope of equally spaced values.

    Neighbouring weeks are alike, so the plain interval is too narrow: both halves are widened by
    the correlation of neighbouring residuals, corrected for the bias that it has in short series.
    """
    from scipy.stats import theilslopes  # slow to load

    series = np.asarray(values, dtype=float)
    steps = np.arange(len(series), dtype=float)
    slope, intercept, low, high = theilslopes(series, steps, settings.confidence)
    correlation = neighbour_correlation(series - intercept - slope * steps)
    correlation += (1 + 3 * max(correlation, 0.0)) / len(series)
    correlation = min(max(correlation, 0.0), settings.largest_correlation)
    wider = math.sqrt((1 + correlation) / (1 - correlation))
    return Slope(
        float(slope),
        float(slope - (slope - low) * wider),
        float(slope + (high - slope) * wider),
    )


def neighbour_correlation(residuals: np.ndarray) -> float:
    """Return the correlation of each value with the one before it; 0 when nothing varies."""
    centred = residuals - residuals.mean()
    total = float(centred @ centred)
    if total <= len(residuals) * np.finfo(float).eps:
        return 0.0
    return float(centred[1:] @ centred[:-1]) / total
