"""The asymptotic confidence sequence: valid however often one looks.

Belongs here: the mixture's p and half-width (Robbins; Waudby-Smith et al.). Does not belong here:
the minimum number of units, which is a setting.
"""

from __future__ import annotations

import math


def mixture_p(estimate: float, variance: float, mixing: float) -> float:
    """Return 1 / likelihood ratio of effects spread as N(0, mixing) against none, at most 1."""
    total = variance + mixing
    exponent = -(estimate**2) * mixing / (2 * variance * total)
    return min(1.0, math.sqrt(total / variance) * math.exp(exponent))


def mixture_half_width(variance: float, mixing: float, alpha: float) -> float:
    """Return the half-width of the interval whose p is above ``alpha``."""
    total = variance + mixing
    return math.sqrt(
        variance * total / mixing * (2 * math.log(1 / alpha) + math.log(total / variance))
    )


def tuning(alpha: float, tightest_at: float) -> float:
    """Return rho squared: the sequence of level 1 - alpha is tightest at that many units."""
    bits = -2 * math.log(alpha)
    return (bits + math.log(bits + 1)) / tightest_at


def sequence_p(estimate: float, variance: float, units: int, rho_squared: float) -> float:
    """Return the always-valid p: the mixture whose width follows the metric's own noise."""
    return mixture_p(estimate, variance, variance * units * rho_squared)


def sequence_critical(units: int, rho_squared: float, alpha: float) -> float:
    """Return how many standard errors the sequence reaches at that many units."""
    return mixture_half_width(1.0, units * rho_squared, alpha)
