"""The rows of ``lifecycle.product_stages``, from what SQL counted.

Belongs here: putting stages, evidence and advice of all subjects together. Does not belong here:
how any of them is found, reading or writing a database.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pm_pipeline.analysis.lifecycle.advice import Advice, Letters, advise, flips
from pm_pipeline.analysis.lifecycle.dispersion import panel_sigma, polli_cook
from pm_pipeline.analysis.lifecycle.letters import (
    Experiment,
    Letter,
    Share,
    net_value,
    new_users_lack,
    old_users_leave,
    pooled,
    share_as_json,
    users_of_nothing_else,
    validated_experiment,
)
from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.stages import WEEK, Subject, WeekStage, week_stages

DatedShares = Sequence[tuple[date, Share]]
"""Shares in the order of the day after which they are known."""


@dataclass(frozen=True)
class Decision:
    """What people decided to do with a subject."""

    action: str
    on: date
    by: str
    why: str | None = None


@dataclass(frozen=True)
class Followed:
    """A subject with everything that was counted of it."""

    subject: Subject
    new_users: tuple[int, ...]
    quick_ratios: tuple[float | None, ...]
    monthly_value: float | None = None
    monthly_cost: float | None = None
    survival: DatedShares = ()
    """Old users of a month and how many of them were active in the next, by the day after that."""
    cohorts: DatedShares = ()
    """New users of a week and how many came back in week 4, by the day after that week."""
    exclusive: Mapping[date, Share] = field(default_factory=dict)
    """Users of the four weeks ending with a week, and how many used no other feature."""
    experiments: Sequence[Experiment] = ()
    decision: Decision | None = None


def product_stages(
    followed: Sequence[Followed], settings: LifecycleSettings
) -> list[tuple[Any, ...]]:
    """Return all rows, in the order of the table's columns and of its key."""
    sigmas = _Sigmas([each.subject for each in followed], settings)
    is_alone = sum(each.subject.kind == "feature" for each in followed) <= 1
    rows = []
    for each in sorted(followed, key=lambda one: (one.subject.kind, one.subject.name)):
        for index, week in enumerate(week_stages(each.subject, settings)):
            sigma = sigmas.at(week.period_start)
            rows.append(_row(each, index, week, sigma, is_alone, settings))
    return rows


class _Sigmas:
    """The scale of each week, over the subjects as they were then."""

    def __init__(self, subjects: Sequence[Subject], settings: LifecycleSettings) -> None:
        self._subjects = subjects
        self._settings = settings.dispersion
        self._known: dict[date, float | None] = {}

    def at(self, week: date) -> float | None:
        if week not in self._known:
            series = [
                subject.active_users[: (week - subject.first_week) // WEEK + 1]
                for subject in self._subjects
                if subject.first_week <= week
            ]
            self._known[week] = panel_sigma(series, self._settings)
        return self._known[week]


def _row(
    each: Followed,
    index: int,
    week: WeekStage,
    sigma: float | None,
    is_alone: bool,
    settings: LifecycleSettings,
) -> tuple[Any, ...]:
    users = each.subject.active_users[: index + 1]
    evidence: dict[str, Any] = {
        "polli_cook": polli_cook(users, sigma, settings.dispersion),
        **_beside(each, index, week.period_start, settings),
    }
    advice = Advice(None, "")
    if week.stage == "decline":
        advice, found = _judged(each, index, week, is_alone, settings)
        evidence |= found
    confidence = "low" if advice.is_low_confidence else week.confidence
    slope = week.slope
    return (
        each.subject.kind,
        each.subject.name,
        week.period_start,
        week.active_users,
        slope.value if slope else None,
        slope.low if slope else None,
        slope.high if slope else None,
        each.quick_ratios[index],
        week.penetration_rate,
        week.raw_stage,
        week.stage,
        week.previous_stage,
        week.stage_since,
        confidence,
        week.reason,
        week.is_left_censored,
        week.is_slowdown,
        week.is_seasonally_adjusted,
        advice.recommendation,
        advice.reason or None,
        json.dumps(evidence, sort_keys=True),
        *_decided(each.decision, week.period_start, advice),
    )


def _beside(
    each: Followed, index: int, week: date, settings: LifecycleSettings
) -> dict[str, dict[str, Any]]:
    """Return what stands beside a stage and never decides it: who is new, who of them returns."""
    active = each.subject.active_users[index]
    known = _known_by(each.cohorts, week + timedelta(days=7))[-settings.advice.cohorts :]
    return {
        "share_of_new": share_as_json(Share(active, each.new_users[index]), 0),
        "week_4_retention": share_as_json(pooled(known), settings.advice.minimum_users),
    }


def _decided(decision: Decision | None, week: date, advice: Advice) -> tuple[Any, ...]:
    """Return what people had decided when a week ended, and whether against the advice."""
    if decision is None or decision.on >= week + timedelta(days=7):
        return (None, None, None, None)
    advised = advice.recommendation
    is_contradicted = None if advised is None else advised != decision.action
    return (decision.action, decision.by, decision.why, is_contradicted)


def _judged(
    each: Followed, index: int, week: WeekStage, is_alone: bool, settings: LifecycleSettings
) -> tuple[Advice, dict[str, Any]]:
    """Return the advice of a week in decline, with the letters that it rests on."""
    letters = _letters(each, index, week.period_start, is_alone, settings)
    known = Letters(*(letters[name].holds for name in ("O", "N", "V", "X", "D")))
    evidence: dict[str, Any] = {name: letter.as_json() for name, letter in letters.items()}
    if week.is_slowdown:
        return Advice(None, "a slowdown after growth: perhaps a saddle"), evidence
    advice = advise(known)
    return advice, evidence | {"flips": flips(known)}


def _letters(
    each: Followed, index: int, week: date, is_alone: bool, settings: LifecycleSettings
) -> dict[str, Letter]:
    end = week + timedelta(days=7)
    return {
        "O": old_users_leave(_known_by(each.survival, end), settings),
        "N": new_users_lack(each.new_users[: index + 1], _known_by(each.cohorts, end), settings),
        "V": net_value(each.monthly_value, each.monthly_cost),
        "X": validated_experiment(each.experiments, end, settings),
        "D": users_of_nothing_else(each.exclusive.get(week), is_alone, settings),
    }


def _known_by(shares: DatedShares, end: date) -> list[Share]:
    """Return the shares that were complete when a week ended."""
    return [share for _, share in shares[: bisect_right(shares, end, key=lambda one: one[0])]]
