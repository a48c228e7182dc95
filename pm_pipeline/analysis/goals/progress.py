"""How far each goal is: value, straight line, projection, status.

Belongs here: judging one goal by its metric's series. Does not belong here: the forecast's model,
reading or writing a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pm_pipeline.analysis.goals.forecast import Forecast, Projection
from pm_pipeline.analysis.goals.series import DAY, Series
from pm_pipeline.analysis.goals.settings import GoalSettings

Period = Literal["week", "month", "cumulative"]
Status = Literal["not_started", "met", "missed", "on_track", "at_risk"]


@dataclass(frozen=True)
class Goal:
    """What shall be reached by when."""

    name: str
    metric_name: str
    target: float
    baseline: float | None
    from_date: date
    due_date: date
    period: Period
    is_north_star: bool


@dataclass(frozen=True)
class Progress:
    """A goal as of the last day that counts."""

    goal: Goal
    as_of_date: date
    value: float | None
    baseline: float | None
    direction: int | None
    expected_value: float | None
    projection: Projection | None
    status: Status
    is_share: bool = False
    """Whether its values are shares between 0 and 1."""
    weeks: tuple[tuple[date, float], ...] = ()
    """The goal's value as it stood at the end of each of the last weeks."""
    path: tuple[tuple[date, Projection], ...] = ()
    """The projection week by week to the due day; only that day's where weeks add up to it."""


def judge(goal: Goal, series: Series, settings: GoalSettings) -> Progress:
    """Return how far a goal is."""
    value = _value(goal, series, settings, series.last_date)
    baseline = goal.baseline
    if baseline is None:
        before = goal.from_date - DAY
        baseline = 0.0 if goal.period == "cumulative" else _value(goal, series, settings, before)
    direction = None if baseline is None else _sign(goal.target - baseline)
    expected = None
    if baseline is not None:
        passed = (series.last_date - goal.from_date) / (goal.due_date - goal.from_date)
        expected = baseline + (goal.target - baseline) * min(max(passed, 0.0), 1.0)
    path = _path(goal, series, settings)
    projection = path[-1][1] if path else None
    return Progress(
        goal=goal,
        as_of_date=series.last_date,
        value=value,
        baseline=baseline,
        direction=direction,
        expected_value=expected,
        projection=projection,
        status=_status(goal, series.last_date, value, direction, expected, projection),
        is_share=series.is_share,
        weeks=tuple(_weeks(goal, series, settings)),
        path=path,
    )


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)


def period_value(
    series: Series, period: Period, from_date: date | None, settings: GoalSettings, last: date
) -> float | None:
    """Return the value of the last complete period up to a day; ``from_date`` if cumulative."""
    if period == "cumulative":
        begins = from_date or series.first_date or last
        first = max(begins, series.first_date or begins)
        return series.of_days(first, last) if last >= first else None
    if series.kind == "daily":
        return series.of_days(last - (settings.daily_days - 1) * DAY, last)
    if period == "week":
        start = series.week_start(last + DAY) - 7 * DAY
        return series.of_days(start, start + 6 * DAY)
    end = (last + DAY).replace(day=1) - DAY
    return series.of_days(end.replace(day=1), end)


def _value(goal: Goal, series: Series, settings: GoalSettings, last: date) -> float | None:
    return period_value(series, goal.period, goal.from_date, settings, last)


def _weeks(goal: Goal, series: Series, settings: GoalSettings) -> Iterator[tuple[date, float]]:
    """Yield the goal's value at the end of each of the last complete weeks."""
    for start, _ in series.complete_weeks()[-settings.shown_weeks :]:
        end = start + 6 * DAY
        if goal.period == "cumulative" and end < goal.from_date:
            continue
        value = _value(goal, series, settings, end)
        if value is not None:
            yield end, value


def _path(
    goal: Goal, series: Series, settings: GoalSettings
) -> tuple[tuple[date, Projection], ...]:
    """Return the projection to the due day; empty when too little is known or nothing is left."""
    weeks = series.complete_weeks()
    if goal.due_date <= series.last_date or len(weeks) < settings.least_weeks:
        return ()
    end = weeks[-1][0] + 6 * DAY
    days = (goal.due_date - end).days
    ahead = min(max(-(-days // 7), 1), settings.furthest_weeks)
    forecast = Forecast([each for _, each in weeks], settings)
    if series.kind != "sum" or goal.period == "week":
        return tuple(
            (end + 7 * count * DAY, _within(each, series.upper))
            for count, each in enumerate(forecast.weeks(ahead), start=1)
        )
    if goal.period == "cumulative":
        so_far = _value(goal, series, settings, end)
        if so_far is None:
            return ()
        more = forecast.sum_of_weeks(ahead, (days - 7 * (ahead - 1)) / 7, goal.name)
        total = Projection(so_far + more.value, so_far + more.low, so_far + more.high)
        return ((goal.due_date, total),)
    # A month's sum at the due day's pace.
    first = goal.due_date.replace(day=1)
    month_days = ((first + timedelta(days=31)).replace(day=1) - first).days
    week = forecast.week(ahead)
    share = month_days / 7
    return ((goal.due_date, Projection(week.value * share, week.low * share, week.high * share)),)


def _within(projection: Projection, upper: float | None) -> Projection:
    """Return the projection with nothing above what there can be."""
    if upper is None:
        return projection
    return Projection(
        min(projection.value, upper), min(projection.low, upper), min(projection.high, upper)
    )


def _status(
    goal: Goal,
    last_date: date,
    value: float | None,
    direction: int | None,
    expected: float | None,
    projection: Projection | None,
) -> Status:
    if last_date < goal.from_date:
        return "not_started"
    if _is_reached(value, goal.target, direction):
        return "met"
    if last_date > goal.due_date:
        return "missed"
    if projection is not None:
        return "on_track" if _is_reached(projection.value, goal.target, direction) else "at_risk"
    return "on_track" if _is_reached(value, expected, direction) else "at_risk"


def _is_reached(value: float | None, target: float | None, direction: int | None) -> bool:
    """Return whether a value is at or beyond a target; an unknown direction is upwards."""
    if value is None or target is None:
        return False
    return value <= target if direction == -1 else value >= target
