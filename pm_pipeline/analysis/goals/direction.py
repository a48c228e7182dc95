"""From a problem to what became of it: hypotheses, the roadmap, and what stands out.

Belongs here: the state of each problem, hypothesis and item at as-of, from what is published of
metrics, funnels, stages, goals and experiments. Does not belong here: reading or writing a table,
any of those numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pm_pipeline.analysis.goals.progress import Goal, period_value
from pm_pipeline.analysis.goals.series import DAY, Series
from pm_pipeline.analysis.goals.settings import DirectionSettings, GoalSettings

MEASURED = ("validated", "refuted", "no_meaningful_effect")
"""Verdicts that say what became of a hypothesis."""


@dataclass(frozen=True)
class Problem:
    """What hinders whom, and what shows it."""

    name: str
    statement: str
    persona: str | None = None
    metric: str | None = None
    funnel: str | None = None
    step: str | None = None
    baseline: float | None = None

    @property
    def evidence(self) -> str | None:
        """Return what shows it, in words."""
        return self.metric or (f"{self.funnel}: {self.step}" if self.funnel else None)


@dataclass(frozen=True)
class Hypothesis:
    """What would solve a problem."""

    name: str
    statement: str
    problem: str | None = None
    metric: str | None = None
    predicted_direction: str | None = None
    predicted_effect: float | None = None
    is_relative_effect: bool | None = None
    experiment: str | None = None
    stated_on: date | None = None


@dataclass(frozen=True)
class Item:
    """Something on the roadmap."""

    name: str
    position: int
    status: str
    released_on: date | None = None
    hypothesis: str | None = None
    feature: str | None = None
    persona: str | None = None
    goal: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What an experiment says of its hypothesis, and what people decided."""

    verdict: str
    action: str
    reason: str | None = None
    human_action: str | None = None
    human_reason: str | None = None


@dataclass(frozen=True)
class Known:
    """What is published of everything that the sections name, at as-of."""

    as_of_date: date
    """The last product day that counts."""
    series: Mapping[str, Series] = field(default_factory=dict)
    step_rates: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    """By funnel and step: the share of those who could have come that far."""
    goals: Mapping[str, Goal] = field(default_factory=dict)
    progress: Mapping[str, tuple[float | None, str]] = field(default_factory=dict)
    """By goal: its value and status."""
    stages: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    """By feature: its stage and, in decline, the advice."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)


def problem_rows(
    problems: Sequence[Problem], hypotheses: Sequence[Hypothesis], known: Known
) -> list[tuple[Any, ...]]:
    """Return the rows of ``goals.problems``."""
    rows = []
    for problem in sorted(problems, key=lambda one: one.name):
        own = [each for each in hypotheses if each.problem == problem.name]
        states = [hypothesis_status(each, known) for each in own]
        validated = states.count("validated")
        attention = None
        if not own:
            attention = "nobody has a hypothesis"
        elif all(state == "untested" for state in states):
            attention = "no hypothesis is tested"
        value = _evidence_value(problem, known)
        rows.append(
            (problem.name, problem.statement, problem.persona, problem.evidence, problem.baseline,
             value, _is_share(problem, known), len(own), len(own) - states.count("untested"),
             validated, attention)
        )  # fmt: skip
    return rows


def hypothesis_status(hypothesis: Hypothesis, known: Known) -> str:
    """Return ``untested``, ``running`` or the verdict of its experiment."""
    verdict = known.verdicts.get(hypothesis.experiment or "")
    if verdict is None:
        return "untested"
    if verdict.verdict == "inconclusive" and verdict.action == "keep_running":
        return "running"
    return verdict.verdict


def hypothesis_rows(
    hypotheses: Sequence[Hypothesis], known: Known, settings: DirectionSettings
) -> list[tuple[Any, ...]]:
    """Return the rows of ``experiments.hypotheses``."""
    rows = []
    for each in sorted(hypotheses, key=lambda one: one.name):
        status = hypothesis_status(each, known)
        verdict = known.verdicts.get(each.experiment or "")
        age = (known.as_of_date + DAY - each.stated_on).days if each.stated_on else None
        is_open = status in ("untested", "running", "inconclusive", "invalid")
        is_stale = is_open and age is not None and age >= settings.stale_days
        attention = None
        if is_stale:
            attention = f"{status} for {age} days"
        elif status == "untested":
            attention = "untested: no experiment" if not each.experiment else "untested"
        rows.append(
            (each.name, each.statement, each.problem, each.metric, each.predicted_direction,
             each.predicted_effect, each.is_relative_effect, each.experiment, status,
             verdict.action if verdict else None, verdict.reason if verdict else None,
             verdict.human_action if verdict else None, verdict.human_reason if verdict else None,
             each.stated_on, age, is_stale, attention)
        )  # fmt: skip
    return rows


def roadmap_rows(
    items: Sequence[Item],
    problems: Sequence[Problem],
    hypotheses: Sequence[Hypothesis],
    known: Known,
    settings: DirectionSettings,
) -> list[tuple[Any, ...]]:
    """Return the rows of ``goals.roadmap`` in the order of the product file."""
    by_problem = {each.name: each for each in problems}
    by_hypothesis = {each.name: each for each in hypotheses}
    rows = []
    for item in sorted(items, key=lambda one: one.position):
        hypothesis = by_hypothesis.get(item.hypothesis or "")
        problem = by_problem.get((hypothesis.problem if hypothesis else None) or "")
        status = hypothesis_status(hypothesis, known) if hypothesis else None
        since = (known.as_of_date + DAY - item.released_on).days if item.released_on else None
        stage, advice = known.stages.get(item.feature or "", (None, None))
        before = _goal_before(item, known.goals.get(item.goal or ""), known)
        now, goal_status = known.progress.get(item.goal or "", (None, None))
        moved = None if now is None or before is None else now - before
        rows.append(
            (item.name, item.position, item.status, item.released_on, since, item.persona,
             item.hypothesis, status, problem.name if problem else None,
             problem.evidence if problem else None, problem.baseline if problem else None,
             _evidence_value(problem, known) if problem else None,
             item.goal, goal_status, before, now, moved,
             item.feature, stage, advice, _attention(item, status, since, settings))
        )  # fmt: skip
    return rows


def _attention(
    item: Item, status: str | None, since: int | None, settings: DirectionSettings
) -> str | None:
    """Return why an item stands out; None when it does not."""
    if item.status == "dropped":
        return None
    if item.status == "released":
        if status in MEASURED or since is None or since < settings.unmeasured_days:
            return None
        return f"released {since} days ago, outcome not measured"
    if item.hypothesis is None:
        return "no hypothesis behind it"
    if item.status == "building" and status == "untested":
        return "being built on an untested hypothesis"
    if status == "refuted":
        return "its hypothesis is refuted"
    return None


def _evidence_value(problem: Problem, known: Known) -> float | None:
    if problem.metric is not None:
        series = known.series.get(problem.metric)
        return None if series is None else _last_week(series, known.as_of_date)
    if problem.funnel is not None and problem.step is not None:
        return known.step_rates.get((problem.funnel, problem.step))
    return None


def _is_share(problem: Problem, known: Known) -> bool | None:
    """Return whether a problem's evidence is a share between 0 and 1; None without evidence."""
    if problem.metric is not None:
        series = known.series.get(problem.metric)
        return None if series is None else series.is_share
    return True if problem.funnel is not None else None


def _last_week(series: Series, last: date) -> float | None:
    return period_value(series, "week", None, GoalSettings(), last)


def _goal_before(item: Item, goal: Goal | None, known: Known) -> float | None:
    """Return the goal's value as it was the day before the release."""
    if goal is None or item.released_on is None or goal.metric_name not in known.series:
        return None
    last = item.released_on - DAY
    if last > known.as_of_date:
        return None
    return period_value(
        known.series[goal.metric_name], goal.period, goal.from_date, GoalSettings(), last
    )
