"""Whether slices of users respond differently.

Belongs here: Cochran's Q over slices. Does not belong here: which slices there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special


@dataclass(frozen=True)
class Heterogeneity:
    """The common effect of slices, and how far they are from having one."""

    effect: float
    standard_error: float
    q: float
    degrees: int
    p_value: float
    share: float
    """Of the variation between slices that is more than chance (I squared)."""


def heterogeneity(effects: Sequence[float], variances: Sequence[float]) -> Heterogeneity | None:
    """Return Cochran's Q; None with fewer than two slices that have a variance."""
    known = [(effect, 1 / variance) for effect, variance in zip(effects, variances, strict=True)
             if variance > 0]  # fmt: skip
    if len(known) < 2:
        return None
    weights = sum(weight for _, weight in known)
    common = sum(effect * weight for effect, weight in known) / weights
    q = sum(weight * (effect - common) ** 2 for effect, weight in known)
    degrees = len(known) - 1
    return Heterogeneity(
        effect=common,
        standard_error=weights**-0.5,
        q=q,
        degrees=degrees,
        p_value=float(special.chdtrc(degrees, q)),
        share=max(0.0, (q - degrees) / q) if q > 0 else 0.0,
    )
