"""The stages of one subject, week by week.

Belongs here: the raw stage of a week and the stage that it confirms; a week's row uses only weeks
up to its own. Does not belong here: advice in decline, reading or writing a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from pm_pipeline.analysis.lifecycle.season import is_below_a_year_before, without_season
from pm_pipeline.analysis.lifecycle.settings import LifecycleSettings
from pm_pipeline.analysis.lifecycle.slopes import Slope, robust_slope

Stage = Literal["introduction", "growth", "maturity", "decline", "insufficient_data"]
UNKNOWN: Stage = "insufficient_data"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Subject:
    """What is followed, by complete weeks without a gap from its first use on."""

    kind: str
    name: str
    first_week: date
    """The first day of the first week in ``active_users``."""
    active_users: tuple[int, ...]
    product_users: tuple[int, ...]
    """The product's active users of the same weeks."""
    first_date: date
    """The day of the first use."""
    data_start: date
    """The day of the first event of the product."""
    launched_on: date | None = None
    target_users: int | None = None

    def week(self, index: int) -> date:
        """Return the first day of a week."""
        return self.first_week + index * WEEK


@dataclass(frozen=True)
class WeekStage:
    """A subject's stage in one week."""

    period_start: date
    active_users: int
    slope: Slope | None
    """As a rate a week."""
    penetration_rate: float | None
    raw_stage: Stage
    stage: Stage
    previous_stage: Stage | None
    stage_since: date
    confidence: str | None
    reason: str
    is_left_censored: bool
    is_slowdown: bool
    is_seasonally_adjusted: bool


@dataclass(frozen=True)
class _Verdict:
    raw: Stage
    reason: str
    confidence: str | None
    slope: Slope | None = None
    is_adjusted: bool = False


def week_stages(subject: Subject, settings: LifecycleSettings) -> list[WeekStage]:
    """Return the stages of all weeks, from the first on."""
    rows: list[WeekStage] = []
    stage, previous, since = UNKNOWN, None, subject.first_week
    alike: list[Stage] = []
    for index in range(len(subject.active_users)):
        verdict = _judge(subject, index, stage, settings)
        alike = [*alike, verdict.raw] if verdict.raw in alike[-1:] else [verdict.raw]
        is_first = all(row.stage == UNKNOWN for row in rows)
        is_confirmed = is_first or len(alike) >= settings.stage.confirmation_weeks
        if verdict.raw != stage and is_confirmed:
            stage, previous, since = verdict.raw, stage, subject.week(index)
        awaits = verdict.raw != stage
        rows.append(
            WeekStage(
                period_start=subject.week(index),
                active_users=subject.active_users[index],
                slope=verdict.slope,
                penetration_rate=penetration_rate(subject, index),
                raw_stage=verdict.raw,
                stage=stage,
                previous_stage=previous,
                stage_since=since,
                confidence=verdict.confidence,
                reason="awaits_confirmation" if awaits else verdict.reason,
                is_left_censored=is_left_censored(subject, settings),
                is_slowdown=_is_slowdown(subject, index, stage, previous, settings),
                is_seasonally_adjusted=verdict.is_adjusted,
            )
        )
    return rows


def is_left_censored(subject: Subject, settings: LifecycleSettings) -> bool:
    """Return whether a subject may have been in use before the data begin."""
    seen_from = subject.data_start + timedelta(days=settings.stage.censored_days)
    return subject.launched_on is None and subject.first_date < seen_from


def penetration_rate(subject: Subject, index: int) -> float | None:
    """Return the share of those a subject is meant for who used it in a week.

    Without a target a feature is meant for everybody active in the product; of the product nobody
    knows for how many it is meant.
    """
    whole = subject.target_users
    if whole is None and subject.kind == "feature":
        whole = subject.product_users[index]
    return subject.active_users[index] / whole if whole else None


def _whole_weeks(subject: Subject, index: int) -> int:
    """Return where the weeks begin that count: a week that first use cut short does not."""
    del index
    return 0 if subject.first_date <= subject.first_week else 1


def _judge(subject: Subject, index: int, stage: Stage, settings: LifecycleSettings) -> _Verdict:
    """Return the raw stage of a week, the first whose rule holds."""
    weeks, rules = settings.slope.weeks, settings.stage
    counted = np.asarray(
        subject.active_users[_whole_weeks(subject, index) : index + 1], dtype=float
    )
    if len(counted) < weeks:
        return _Verdict(UNKNOWN, f"fewer_than_{weeks}_weeks", None)
    if float(np.median(counted[-weeks:])) < rules.minimum_weekly_users:
        return _Verdict(UNKNOWN, "too_few_users", None)
    if not counted[-weeks:].all():
        return _Verdict(UNKNOWN, "week_without_users", None)
    # Logarithms need users: what lies before the last empty week is of no use.
    unbroken = counted[np.flatnonzero(counted == 0).max(initial=-1) + 1 :]
    logarithms = np.log(unbroken)
    is_adjusted = len(unbroken) >= settings.season.adjusted_from_weeks
    series = without_season(logarithms, settings.season) if is_adjusted else logarithms
    slope = robust_slope(series[-weeks:], settings.slope).as_rate()
    is_compared = len(unbroken) >= settings.season.compared_from_weeks
    confidence = "high" if is_adjusted else "medium" if is_compared else "low"
    wide = "interval_too_wide"

    if slope.low > rules.growth_rate:
        return _Verdict("growth", "interval_above_growth_rate", confidence, slope, is_adjusted)
    if slope.high < rules.decline_rate:
        if is_compared and not is_adjusted:
            if not is_below_a_year_before(unbroken, settings.season):
                return _Verdict(stage, "seasonal_or_recent", "low", slope)
        elif not is_adjusted and not _declines_within_product(subject, index, settings):
            wide = "declines_with_product"
        if wide == "interval_too_wide":
            return _Verdict(
                "decline", "interval_below_decline_rate", confidence, slope, is_adjusted
            )
    if _is_introduced(subject, index, settings):
        return _Verdict("introduction", "new_and_little_used", confidence, slope, is_adjusted)
    if -rules.steady_rate < slope.low and slope.high < rules.steady_rate:
        return _Verdict("maturity", "interval_is_steady", confidence, slope, is_adjusted)
    return _Verdict(stage, wide, "low", slope, is_adjusted)


def _declines_within_product(subject: Subject, index: int, settings: LifecycleSettings) -> bool:
    """Return whether a feature loses against the product, so that not the product's season falls.

    Of the product itself there is nothing to compare with: it holds.
    """
    if subject.kind != "feature":
        return True
    last = slice(index + 1 - settings.slope.weeks, index + 1)
    product = np.asarray(subject.product_users[last], dtype=float)
    if not product.all():
        return False
    shares = np.log(np.asarray(subject.active_users[last], dtype=float) / product)
    return robust_slope(shares, settings.slope).high < 0


def _is_introduced(subject: Subject, index: int, settings: LifecycleSettings) -> bool:
    penetration = penetration_rate(subject, index)
    began = max(subject.first_date, subject.launched_on or subject.first_date)
    age = subject.week(index + 1) - began
    return (
        not is_left_censored(subject, settings)
        and age <= settings.stage.introduction_weeks * WEEK
        and penetration is not None
        and penetration < settings.stage.introduction_penetration
    )


def _is_slowdown(
    subject: Subject,
    index: int,
    stage: Stage,
    previous: Stage | None,
    settings: LifecycleSettings,
) -> bool:
    """Return whether a decline after growth is still near its peak, as a saddle would be."""
    if stage != "decline" or previous != "growth":
        return False
    so_far: Sequence[int] = subject.active_users[: index + 1]
    peak = max(so_far)
    age = index - max(week for week, users in enumerate(so_far) if users == peak)
    return (
        age <= settings.stage.slowdown_peak_weeks
        and so_far[-1] >= settings.stage.slowdown_level * peak
    )
