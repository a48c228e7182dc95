"""The season taken out of a series that is long enough to know it.

Belongs here: STL on logarithms, and the comparison with a year before. Does not belong here: what
is concluded.
"""

from __future__ import annotations

import numpy as np

from pm_pipeline.analysis.lifecycle.settings import SeasonSettings


def without_season(logarithms: np.ndarray, settings: SeasonSettings) -> np.ndarray:
    """Return trend and remainder of at least two years of weekly logarithms."""
    from statsmodels.tsa.seasonal import STL  # slow to load, and most series are shorter

    recent = logarithms[-settings.longest_weeks :]
    fitted = STL(
        recent,
        period=settings.period_weeks,
        robust=True,
        trend_jump=settings.trend_jump,
        low_pass_jump=settings.low_pass_jump,
    ).fit()
    return np.asarray(recent - fitted.seasonal)


def is_below_a_year_before(values: np.ndarray, settings: SeasonSettings) -> bool:
    """Return whether the mean of the last weeks is below that of the same weeks a year before.

    With less than a year and a month of values, of those weeks that have a counterpart.
    """
    weeks = min(settings.compared_weeks, len(values) - settings.period_weeks)
    last = values[-weeks:]
    before = values[-weeks - settings.period_weeks : -settings.period_weeks]
    return bool(last.mean() < before.mean())
