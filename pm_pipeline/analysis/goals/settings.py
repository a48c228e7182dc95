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
    shown_weeks: int = 52
    """A year of the goal's values is kept to be drawn."""
    paths: int = 2000
    """Simulated futures of a sum: their tenth and ninetieth percentile are steady to a percent."""


@dataclass(frozen=True)
class AnomalySettings:
    """When a day is unlike the same weekdays before it."""

    level_days: int = 28
    """Four weeks before a day: its level, whatever the weekday."""
    weekdays: int = 8
    """Two months of the same weekday: enough for a median, few enough to follow a habit."""
    normal_mad: float = 1.4826
    """By this a median absolute deviation is the standard deviation of normal noise."""
    least_scale: float = 0.02
    """Steadier than 2 % nobody is: a quiet history must not make a ripple an alarm."""
    z: float = 5.0
    """Metrics are looked at by the dozen every day: only what is very unlike is told."""
    least_change: float = 0.10
    """A tenth: what is smaller is nobody's reason to get up."""
    least_expected: float = 50.0
    """Below it, chance alone moves a count by a tenth."""
    silent: float = 0.05
    """An event that falls below a twentieth of what is expected is not sent any more."""
    repeated: float = 2.0
    """Twice as many events a person as usual: they are sent twice."""
    missing: float = 0.2
    """A property that a fifth more of all events lack than usual is not sent any more."""
    explains: float = 0.5
    """What is named as a cause accounts for half of the change."""


@dataclass(frozen=True)
class TreeSettings:
    """Over what time a metric's change is split among its inputs."""

    days_between: int = 7
    """Against the same weekday: weekdays differ more than weeks."""


@dataclass(frozen=True)
class DirectionSettings:
    """When something on the way from problem to outcome stands out."""

    stale_days: int = 90
    """A quarter: a belief that nobody tested for longer is no plan."""
    unmeasured_days: int = 60
    """Two months after a release its outcome can be known."""
