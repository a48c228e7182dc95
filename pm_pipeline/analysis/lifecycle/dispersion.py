"""The scale of Polli and Cook: is a quarter's change large among quarters of like subjects?

Belongs here: that one column of evidence. Does not belong here: the stage, which never turns on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from pm_pipeline.analysis.lifecycle.settings import DispersionSettings


def panel_sigma(series: Sequence[Sequence[int]], settings: DispersionSettings) -> float | None:
    """Return sigma over the disjoint quarters of all subjects, counted back from their last week.

    ``series`` are weekly users from each subject's first use on, all ending in the same week. None
    while there are too few subjects or quarters.
    """
    changes: list[float] = []
    subjects = 0
    for users in series:
        own = _quarterly_changes(users, settings)
        changes += own
        subjects += bool(own)
    if subjects < settings.least_subjects or len(changes) < settings.least_quarters:
        return None
    centre = median(changes)
    return settings.to_sigma * median(abs(change - centre) for change in changes)


def _quarterly_changes(users: Sequence[int], settings: DispersionSettings) -> list[float]:
    quarter = settings.quarter_weeks
    ends = range(len(users) - 1, settings.settled_weeks + quarter - 1, -quarter)
    return [
        math.log(users[end] / users[end - quarter])
        for end in ends
        if users[end] and users[end - quarter]
    ]


def polli_cook(
    users: Sequence[int], sigma: float | None, settings: DispersionSettings
) -> dict[str, Any]:
    """Return the change of the last quarter, the scale, and the stage they speak for."""
    quarter = settings.quarter_weeks
    change, stage = None, None
    if len(users) > quarter and users[-1] and users[-1 - quarter]:
        change = math.log(users[-1] / users[-1 - quarter])
    if sigma is not None and change is not None:
        if users[-1] < settings.introduction_share * max(users):
            stage = "introduction"
        elif abs(change) <= settings.half * sigma:
            stage = "maturity"
        else:
            stage = "growth" if change > 0 else "decline"
    return {
        "change": None if change is None else float(f"{change:.6g}"),
        "sigma": None if sigma is None else float(f"{sigma:.6g}"),
        "stage": stage,
    }
