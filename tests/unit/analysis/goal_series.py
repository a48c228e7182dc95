"""Weekly series made up for the backtest of projections.

Belongs here: series. Does not belong here: tests.
"""

from __future__ import annotations

import numpy as np


def simulated_weeks(seed: int, weeks: int = 104) -> list[float]:
    """Return a series of a level that wanders and drifts, with noise of its own: a product's week.

    Seeds differ in how much of the variation stays (the level's walk) and how much passes.
    """
    rng = np.random.default_rng(seed)
    walk = rng.uniform(0.0, 0.03)
    noise = rng.uniform(0.02, 0.10)
    drift = rng.choice([-0.01, 0.0, 0.0, 0.01])
    turn = rng.integers(20, weeks)
    drifts = np.where(np.arange(weeks) < turn, drift, 0.0)
    level = np.log(1000) + np.cumsum(drifts + walk * rng.standard_normal(weeks))
    return [float(value) for value in np.exp(level + noise * rng.standard_normal(weeks)).round()]
