"""Every threshold of goals, with its reason.

Belongs here: numbers that a judgement turns on. Does not belong here: the judgements.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GoalSettings:
    """How a goal is valued and projected."""

    daily_days: int = 7
    """A daily metric is taken over a week, so that weekdays do not count."""
    least_weeks: int = 13
    """Fewer weeks than a quarter tell no trend."""
    most_weeks: int = 104
    """What happened more than two years ago says nothing of the next months."""
    interval: float = 0.8
    """Four of five outcomes lie inside: narrow enough to act on."""
    furthest_weeks: int = 104
    """A damped trend is flat by then; a goal further away has that projection."""
    paths: int = 2000
    """Simulated futures of a sum: their tenth and ninetieth percentile are steady to a percent."""
