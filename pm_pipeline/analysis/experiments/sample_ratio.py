"""Whether units fell to the variants as planned.

Belongs here: the fixed chi-square and the always-valid test of counts against planned shares, over
phases. Does not belong here: which counts are tested and what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from scipy import special


@dataclass(frozen=True)
class PhaseCounts:
    """The planned shares of a phase, and its new units by day and variant.

    The days of all phases of an experiment are the same; a phase that has not begun counts zeros.
    """

    shares: tuple[float, ...]
    daily: tuple[tuple[int, ...], ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """The units of each variant over all days."""
        return tuple(sum(day[arm] for day in self.daily) for arm in range(len(self.shares)))


@dataclass(frozen=True)
class RatioTest:
    """Chi-square, its degrees of freedom and p; the smallest count expected in a cell."""

    chi_square: float
    degrees: int
    p_value: float | None
    smallest_expected: float


def fixed_ratio(phases: Sequence[PhaseCounts]) -> RatioTest:
    """Test the counts once; the chi-squares of phases add up.

    A variant with units but no planned share makes p 0. Without any unit there is no p.
    """
    total, degrees, smallest, impossible = 0.0, 0, float("inf"), False
    for phase in phases:
        counts = np.array(phase.counts, dtype=float)
        shares = np.array(phase.shares, dtype=float) / sum(phase.shares)
        impossible |= bool((counts[shares == 0] > 0).any())
        planned = shares > 0
        if not counts.sum():
            continue
        expected = counts[planned].sum() * shares[planned]
        if not expected.any():
            continue
        total += float(((counts[planned] - expected) ** 2 / expected).sum())
        degrees += int(planned.sum()) - 1
        smallest = min(smallest, float(expected.min()))
    if impossible:
        return RatioTest(float("inf"), degrees, 0.0, smallest)
    p = float(special.chdtrc(degrees, total)) if degrees else None
    return RatioTest(total, degrees, p, smallest)


def _log_evidence(phase: PhaseCounts, concentration: float) -> list[float]:
    """Return, at each day's end, the log of how much likelier other shares make the counts."""
    shares = np.array(phase.shares, dtype=float) / sum(phase.shares)
    counts = np.cumsum(np.array(phase.daily, dtype=float).reshape(-1, len(shares)), axis=0)
    unplanned = counts[:, shares == 0].sum(axis=1).tolist()
    if any(unplanned):
        return [float("inf") if found else 0.0 for found in unplanned]
    counts, shares = counts[:, shares > 0], shares[shares > 0]
    prior = concentration * shares
    units = counts.sum(axis=1)
    evidence = (special.gammaln(prior + counts) - special.gammaln(prior)).sum(axis=1)
    evidence -= special.gammaln(concentration + units) - special.gammaln(concentration)
    evidence -= counts @ np.log(shares)
    return [float(value) for value in evidence]


def sequential_ratio(phases: Sequence[PhaseCounts], concentration: float) -> list[float]:
    """Return the always-valid p at each day's end: the least 1 / evidence so far.

    The evidence of phases, being of different units, is multiplied.
    """
    if not phases or not phases[0].daily:
        return []
    by_day = zip(*(_log_evidence(phase, concentration) for phase in phases), strict=True)
    values = (min(1.0, float(np.exp(-max(sum(day), 0.0)))) for day in by_day)
    return list(accumulate(values, min))
