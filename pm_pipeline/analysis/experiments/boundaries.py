"""Group-sequential boundaries: O'Brien-Fleming spending on the fractions that really occurred.

Belongs here: the recursive integration (Armitage, McPherson, Rowe) and its inversion. Does not
belong here: when a look is due.

All alphas of a call are solved at once: p is read from one table a design, so a result costs no
integration of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

Array = npt.NDArray[np.float64]

NODES = 100
"""Points of the Gauss-Legendre rule: of looks ``APART`` or more, more change no bound by 1e-9."""
APART = 0.1
MOST_NODES, MOST_CELLS = 1_000, 4_000_000
"""Looks that lie closer ask for a finer rule, and then for fewer alphas at once."""
REACH = 10.0
"""Beyond 10 standard deviations a normal density has nothing left in double precision."""
NEWTON_STEPS = 60
CONVERGED = 1e-13
QUANTILES = np.concatenate([np.linspace(0.002, 1.0, 12), np.linspace(1.15, 8.0, 36)])
"""Two-sided normal quantiles of the alphas for which a design's table is made."""
SMOOTH = 1e-5
"""So near to the truth one step from the table's quantile is exact to the last digits."""
RISES = 1e-6
"""Bounds that do not rise so much are those of a look that may spend nothing."""
LOWEST_ALPHA = 1e-250
"""What a look may spend at least: an early one may next to nothing, and its bound is never met."""
UNDERFLOW = 1e-290
"""Of smaller chances no digit is left."""


def spent(alpha: Array, fraction: float) -> Array:
    """Return the two-sided alpha that may be spent at a fraction (Lan and DeMets)."""
    if fraction >= 1:
        return alpha
    return np.asarray(4 * special.ndtr(special.ndtri(alpha / 4) / np.sqrt(fraction)))


@dataclass(frozen=True)
class Looks:
    """The fractions of planned units at the looks so far; whether no look comes after them."""

    fractions: tuple[float, ...]
    is_last: bool = False

    @property
    def ends(self) -> bool:
        """Whether all alpha is spent: at the last look, or once everything planned is in."""
        return self.is_last or self.fractions[-1] >= 1


@cache
def _rule(points: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(points)


class _Survivors:
    """The density of the statistic over trials that no earlier look has stopped."""

    def __init__(self, alphas: int, points: int, drift: float = 0.0) -> None:
        self.points, self.weights = _rule(points)
        self.drift = drift
        self.previous = 0.0
        self.nodes: Array = np.zeros((alphas, 1))
        self.mass: Array = np.ones((alphas, 1))

    def exits(self, bound: Array, fraction: float) -> tuple[Array, Array, Array]:
        """Return the chances to pass above and below, and the density at the bound."""
        step = np.sqrt(fraction - self.previous)
        centre = self.nodes * np.sqrt(self.previous) + self.drift * (fraction - self.previous)
        edge = (bound * np.sqrt(fraction))[:, None]
        above, below = (centre - edge) / step, (-centre - edge) / step
        density = np.exp(-(above**2) / 2) + np.exp(-(below**2) / 2)
        density *= np.sqrt(fraction / (2 * np.pi)) / step
        return (
            (self.mass * special.ndtr(above)).sum(axis=1),
            (self.mass * special.ndtr(below)).sum(axis=1),
            (self.mass * density).sum(axis=1),
        )

    def bound(self, chance: Array, fraction: float) -> Array:
        """Return the bound that is passed with ``chance``: Newton on its logarithm.

        The logarithm is concave in the bound, so from above the steps never overshoot.
        """
        bound = -special.ndtri(chance / 2) + 1.0
        for _ in range(NEWTON_STEPS):
            above, below, density = self.exits(bound, fraction)
            passed = above + below
            # So far out that nothing is left of the density: come nearer.
            known = (passed > UNDERFLOW) & (density > UNDERFLOW)
            passed, density = np.where(known, passed, chance), np.where(known, density, 1.0)
            change = np.where(known, np.log(passed / chance) * passed / density, -1.0)
            bound = np.maximum(bound + change, 0.0)
            if np.max(np.abs(change)) < CONVERGED:
                break
        return np.asarray(bound)

    def go_on(self, bound: Array, fraction: float) -> None:
        """Keep the trials inside the bound."""
        reach = np.minimum(bound, REACH + abs(self.drift))
        nodes = self.points[None, :] * reach[:, None]
        step = np.sqrt(fraction - self.previous)
        centre = self.nodes * np.sqrt(self.previous) + self.drift * (fraction - self.previous)
        distance = (nodes[:, :, None] * np.sqrt(fraction) - centre[:, None, :]) / step
        density = (np.exp(-(distance**2) / 2) * self.mass[:, None, :]).sum(axis=2)
        density *= np.sqrt(fraction / (2 * np.pi)) / step
        self.mass = density * self.weights[None, :] * reach[:, None]
        self.nodes, self.previous = nodes, fraction


def boundaries(looks: Looks, alphas: Array) -> Array:
    """Return for each alpha (rows) the bound of the standardised difference at each look."""
    points = _points(looks)
    at_once = max(MOST_CELLS // points**2, 1)
    parts = [alphas[first : first + at_once] for first in range(0, len(alphas), at_once)]
    return np.concatenate([_boundaries(looks, part, points) for part in parts])


def _points(looks: Looks) -> int:
    """Return how many points a rule needs: as many more as a step is narrower."""
    steps = (later - earlier for earlier, later in pairwise(looks.fractions))
    finer = math.sqrt(APART * looks.fractions[-1] / min(steps, default=1.0))
    return min(math.ceil(NODES * max(finer, 1.0)), MOST_NODES)


def _boundaries(looks: Looks, alphas: Array, points: int) -> Array:
    survivors = _Survivors(len(alphas), points)
    bounds = np.empty((len(alphas), len(looks.fractions)))
    used = np.zeros_like(alphas)
    for number, fraction in enumerate(looks.fractions):
        is_end = looks.ends and number == len(looks.fractions) - 1
        allowed = alphas if is_end else spent(alphas, fraction)
        chance = np.maximum(allowed - used, LOWEST_ALPHA)
        bounds[:, number] = survivors.bound(chance, fraction)
        survivors.go_on(bounds[:, number], fraction)
        used = allowed
    return bounds


@lru_cache(maxsize=1024)
def critical(looks: Looks, alpha: float) -> float:
    """Return the bound at the last of the looks so far."""
    return float(boundaries(looks, np.array([alpha]))[0, -1])


@lru_cache(maxsize=256)
def _quantiles_of_bounds(looks: Looks) -> tuple[CubicSpline, Array, Array] | None:
    """Return a look's bounds with their quantiles, those that rise; None where hardly any do."""
    from scipy.interpolate import CubicSpline  # slow to load, and only this mode needs it

    bounds = boundaries(looks, _alphas(QUANTILES))[:, -1]
    rising = np.concatenate([[True], np.diff(bounds) > RISES])
    found, quantiles = bounds[rising], QUANTILES[rising]
    return (CubicSpline(found, quantiles), found, quantiles) if len(found) > 1 else None


def _alphas(quantiles: Array) -> Array:
    return np.asarray(2 * special.ndtr(-quantiles))


def repeated_p(looks: Looks, statistic: float) -> float:
    """Return the smallest alpha whose bound at this look the statistic reaches."""
    table, size = _quantiles_of_bounds(looks), abs(statistic)
    if table is None or size <= table[1][0]:
        return 1.0
    spline, bounds, quantiles = table
    if size > bounds[-1]:  # far out the bound grows in line with the quantile
        quantile = quantiles[-1] + (size - bounds[-1]) * float(spline(bounds[-1], 1))
        return float(2 * special.ndtr(-quantile))

    def missing(quantile: float) -> float:
        return size - float(boundaries(looks, _alphas(np.array([quantile])))[0, -1])

    read = float(spline(size))
    quantile = read + missing(read) * float(spline(size, 1))
    if abs(quantile - read) > SMOOTH:  # looks that lie close together make a bend in the table
        after = int(np.searchsorted(bounds, size))
        quantile = optimize.brentq(missing, *quantiles[after - 1 : after + 1], xtol=CONVERGED)
    return float(2 * special.ndtr(-quantile))


def chance_to_stop(looks: Looks, alpha: float, drift: float) -> float:
    """Return the chance that a look finds a difference of ``drift`` standard errors at the end."""
    bounds = boundaries(looks, np.array([alpha]))[0]
    survivors = _Survivors(1, _points(looks), drift)
    chance = 0.0
    for bound, fraction in zip(bounds, looks.fractions, strict=True):
        edge = np.array([bound])
        above, below, _ = survivors.exits(edge, fraction)
        chance += float(above[0] + below[0])
        survivors.go_on(edge, fraction)
    return chance
