"""The next weeks of a series: exponential smoothing with a damped trend.

Belongs here: the model, its projection and interval. Does not belong here: what a goal needs of it.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pm_pipeline.analysis.goals.settings import GoalSettings


@dataclass(frozen=True)
class Projection:
    """A projected value and its interval."""

    value: float
    low: float
    high: float


class Forecast:
    """A model fitted to complete weeks, on logarithms where all are positive."""

    def __init__(self, weeks: Sequence[float], settings: GoalSettings) -> None:
        """Fit the last weeks; raises ``ValueError`` when there are too few."""
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # slow to load

        if len(weeks) < settings.least_weeks:
            raise ValueError(f"fewer than {settings.least_weeks} weeks")
        values = np.asarray(weeks[-settings.most_weeks :], dtype=float)
        self._is_logarithmic = bool((values > 0).all())
        self._settings = settings
        self._length = len(values)
        series = pd.Series(np.log(values) if self._is_logarithmic else values)
        with warnings.catch_warnings():
            # A fit that stops early is still a projection; its interval tells how good.
            warnings.simplefilter("ignore")
            model = ETSModel(series, error="add", trend="add", damped_trend=True)
            self._fitted = model.fit(disp=False)
        # The residuals of a fit are smaller than those to come, by the parameters spent on it.
        spent = len(self._fitted.params)
        self._wider = math.sqrt(len(values) / (len(values) - spent))

    def week(self, ahead: int) -> Projection:
        """Return the projection of the week that many weeks after the last."""
        return self.weeks(ahead)[-1]

    def weeks(self, ahead: int) -> list[Projection]:
        """Return the projections of the next weeks."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = self._fitted.get_prediction(
                start=self._length, end=self._length + ahead - 1
            ).summary_frame(alpha=1 - self._settings.interval)
        found = []
        for middle, high in zip(frame["mean"], frame["pi_upper"], strict=True):
            half = (high - middle) * self._wider
            found.append(
                Projection(self._back(middle), self._back(middle - half), self._back(middle + half))
            )
        return found

    def sum_of_weeks(self, ahead: int, share_of_last: float, key: str) -> Projection:
        """Return the projection of the sum of the next weeks, the last one counted by a share.

        Futures are simulated, seeded from ``key``: the same row has the same numbers in any run.
        """
        seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
        errors = np.random.default_rng(seed).standard_normal((ahead, self._settings.paths))
        paths = self._fitted.simulate(
            ahead,
            anchor="end",
            repetitions=self._settings.paths,
            random_errors=errors * math.sqrt(self._fitted.scale) * self._wider,
        )
        values = np.asarray(paths, dtype=float).reshape(ahead, -1)
        if self._is_logarithmic:
            values = np.exp(values)
        weights = np.ones(ahead)
        weights[-1] = share_of_last
        sums = weights @ values
        outside = (1 - self._settings.interval) / 2
        low, middle, high = np.quantile(sums, [outside, 0.5, 1 - outside])
        return Projection(float(middle), float(low), float(high))

    def _back(self, value: float) -> float:
        return float(np.exp(value)) if self._is_logarithmic else value
