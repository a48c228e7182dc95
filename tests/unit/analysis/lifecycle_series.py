"""Weekly users made up for the tests of stages.

Belongs here: series and the subjects that have them. Does not belong here: tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from scipy.signal import lfilter

from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.stages import Subject, WeekStage, week_stages

MONDAY = date(2023, 1, 2)
SETTINGS = LifecycleSettings()


def subject(users: Sequence[int], **changes: Any) -> Subject:
    """Return a product with these weekly users from the first day of data on."""
    values: dict[str, Any] = {
        "kind": "product",
        "name": "product",
        "first_week": MONDAY,
        "active_users": tuple(users),
        "product_users": tuple(users),
        "first_date": MONDAY,
        "data_start": MONDAY,
    }
    return Subject(**values | changes)


def stages(users: Sequence[int], **changes: Any) -> list[WeekStage]:
    """Return the weeks of such a subject."""
    return week_stages(subject(users, **changes), SETTINGS)


def noisy_weeks(
    seed: int, *, phi: float, sd: float, weeks: int = 104, breaks_at: int | None = None
) -> list[int]:
    """Return 1,000 users times exp(daily AR(1)), a week being the mean of its days.

    ``sd`` is the stationary standard deviation. From week ``breaks_at`` on 2 % less each week.
    """
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(7 * weeks) * sd * np.sqrt(1 - phi**2)
    shocks[0] = rng.standard_normal() * sd
    logarithms = lfilter([1.0], [1.0, -phi], shocks)
    if breaks_at is not None:
        week = np.arange(7 * weeks) // 7
        logarithms -= 0.02 * np.maximum(week - breaks_at + 1, 0)
    means = 1000 * np.exp(logarithms).reshape(weeks, 7).mean(axis=1)
    return [round(mean) for mean in means]
