"""Two proportions without covariate: pooled z, Newcombe's interval, Fisher's test.

Belongs here: these three. Does not belong here: when each is used.
"""

from __future__ import annotations

import math

from scipy import special


def pooled_p(successes: tuple[int, int], units: tuple[int, int]) -> float | None:
    """Return the two-sided p of the pooled z test; None when all units are alike."""
    share = sum(successes) / sum(units)
    variance = share * (1 - share) * (1 / units[0] + 1 / units[1])
    if variance <= 0:
        return None
    difference = successes[1] / units[1] - successes[0] / units[0]
    return float(2 * special.ndtr(-abs(difference) / math.sqrt(variance)))


def fisher_p(successes: tuple[int, int], units: tuple[int, int]) -> float:
    """Return the two-sided p of Fisher's exact test."""
    from scipy import stats  # slow to load, and few proportions are so small

    table = [[done, count - done] for done, count in zip(successes, units, strict=True)]
    return float(stats.fisher_exact(table).pvalue)


def _wilson(successes: int, units: int, critical: float) -> tuple[float, float]:
    share, square = successes / units, critical**2
    middle = (share + square / (2 * units)) / (1 + square / units)
    half = critical * math.sqrt(share * (1 - share) / units + square / (4 * units**2))
    half /= 1 + square / units
    return middle - half, middle + half


def newcombe(
    successes: tuple[int, int], units: tuple[int, int], alpha: float
) -> tuple[float, float]:
    """Return the interval of variant minus control (Newcombe 1998, method 10)."""
    critical = -float(special.ndtri(alpha / 2))
    control, variant = successes[0] / units[0], successes[1] / units[1]
    control_low, control_high = _wilson(successes[0], units[0], critical)
    variant_low, variant_high = _wilson(successes[1], units[1], critical)
    difference = variant - control
    return (
        difference - math.hypot(variant - variant_low, control_high - control),
        difference + math.hypot(variant_high - variant, control - control_low),
    )


def is_small(successes: tuple[int, int], units: tuple[int, int], least: int) -> bool:
    """Whether an arm has fewer than ``least`` successes or failures."""
    return any(
        min(done, count - done) < least for done, count in zip(successes, units, strict=True)
    )
