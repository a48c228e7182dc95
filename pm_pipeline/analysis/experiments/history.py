"""A metric's own past: what it was of a unit and window, and how much the time before tells of it.

Belongs here: reading the published events as an experiment would have that had begun some weeks
ago, and the size that follows. Does not belong here: the formulas of sizes (``sizing``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from pm_pipeline.analysis.experiments.arms import MetricKind, covariate_score, metric_score
from pm_pipeline.analysis.experiments.moments import Moments
from pm_pipeline.analysis.experiments.plans import Effect, Inference
from pm_pipeline.analysis.experiments.reading import PERIOD, symmetric
from pm_pipeline.analysis.experiments.sizing import (
    Aim,
    Baseline,
    Demand,
    Size,
    detectable_effect,
    size_experiment,
)

QUERY = Path(__file__).with_name("sql") / "history.sql"
ENROLLED_DAYS = 7
"""Whoever is active in a week stands for those who would be exposed."""


@dataclass(frozen=True)
class Trial:
    """The experiment to be sized."""

    window_days: int = 14
    pre_exposure_days: int = 14
    arms: int = 2
    alpha: float = 0.05
    inference: Inference = "fixed"
    looks: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)

    @property
    def shares(self) -> dict[str, float]:
        """Equal parts; the first is the control."""
        return {f"arm {number}": 1 / self.arms for number in range(1, self.arms + 1)}


@dataclass(frozen=True)
class Past:
    """A metric of the units of one past week."""

    name: str
    units: int
    baseline: Baseline


@dataclass(frozen=True)
class Answer:
    """What the experiment needs with and without the time before exposure."""

    size: Size
    plain_size: Size
    detectable: dict[str, float | None]
    """By metric, the relative effect that the users of ``Size`` find; None without a level."""


def read_past(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    kind: MetricKind,
    values: Sequence[Mapping[str, Any]],
    as_of: datetime,
    trial: Trial,
) -> Past | None:
    """Return a metric's past up to ``as_of`` (UTC, naive); None when it tells nothing.

    ``values`` are what the metric is made of: event, condition, value, aggregate and cap of each.
    """
    until = as_of - trial.window_days * PERIOD
    row = connection.execute(
        _rendered(values, trial),
        {
            "as_of": as_of,
            "enrolled_from": until - timedelta(days=ENROLLED_DAYS),
            "enrolled_until": until,
        },
    ).fetchone()
    assert row is not None
    if row[0] <= 1:
        return None
    moments = Moments(row[0], row[1:5], symmetric(row[5:]))
    score = metric_score(moments, kind)
    if score is None:
        return None
    variance = moments.variance(score.weights)
    if not 0 < variance < math.inf or score.value == 0:
        return None
    return Past(
        name, row[0], Baseline(kind, score.value, variance, _correlation(moments, kind, variance))
    )


def size_from_past(
    pasts: Mapping[str, Past],
    effects: Mapping[str, Effect],
    guardrails: Mapping[str, Effect],
    trial: Trial,
) -> Answer:
    """Return the size that finds every effect, and that holds every guardrail within its margin."""

    def demands(*, is_adjusted: bool) -> list[Demand]:
        found = []
        for role, wanted in ((False, effects), (True, guardrails)):
            for name, effect in wanted.items():
                baseline = pasts[name].baseline
                amount = effect.size * (abs(baseline.mean) if effect.is_relative else 1.0)
                kept = baseline if is_adjusted else replace(baseline, correlation=0.0)
                found.append(Demand(name, kept, amount, is_guardrail=role))
        return found

    units = min(past.units for past in pasts.values())
    sizes = [
        size_experiment(
            demands(is_adjusted=is_adjusted),
            trial.shares,
            "arm 1",
            alpha=trial.alpha,
            inference=trial.inference,
            looks=trial.looks if trial.inference == "group_sequential" else (),
            units_per_day=units / ENROLLED_DAYS,
            window_days=trial.window_days,
        )
        for is_adjusted in (True, False)
    ]
    family = len(effects) * (trial.arms - 1)
    aim = Aim(
        alpha=trial.alpha / family,
        inference=trial.inference,
        looks=trial.looks if trial.inference == "group_sequential" else (),
    )
    control = sizes[0].units["arm 1"]
    found = {
        name: detectable_effect(pasts[name].baseline, control, aim) / abs(pasts[name].baseline.mean)
        for name in effects
    }
    return Answer(sizes[0], sizes[1], dict(found))


def _correlation(moments: Moments, kind: MetricKind, variance: float) -> float:
    metric, before = metric_score(moments, kind), covariate_score(moments, kind)
    if metric is None or before is None:
        return 0.0
    spread = moments.variance(before.weights)
    if spread <= 0:
        return 0.0
    return moments.covariance(metric.weights, before.weights) / math.sqrt(variance * spread)


def _rendered(values: Sequence[Mapping[str, Any]], trial: Trial) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.filters["lit"] = lambda text: "'" + text.replace("'", "''") + "'"
    return environment.from_string(QUERY.read_text(encoding="utf-8")).render(
        values=values, window=trial.window_days, before=trial.pre_exposure_days
    )
