"""How far a share may be from what was counted: drawn beside every share of people.

Belongs here: the interval of a counted share. Does not belong here: a metric, or what is concluded
of it.
"""

from __future__ import annotations

import math

Z = 1.959964
"""Of 20 such intervals 19 hold the true share."""


def wilson(count: int, total: int) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of ``count`` of ``total`` (Wilson); None of nothing."""
    if total <= 0:
        return (None, None)
    share, square = count / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    )
    return (max(0.0, middle - half), min(1.0, middle + half))
