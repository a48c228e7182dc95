"""Where the product is meant to go: goals, problems, hypotheses, the roadmap.

Belongs here: keys of these sections. Does not belong here: how progress is judged.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from pm_pipeline.product.models.base import Section, exactly_one
from pm_pipeline.product.models.behaviour import (
    BUILT_IN_METRICS,
    SUMMED_METRICS,
    FunnelName,
    Metric,
    MetricName,
    check_step,
)
from pm_pipeline.product.values import Amount, Date, Flag, Name, Number, Text, known

PersonaName = Annotated[Name, known("persona")]


class Goal(Section):
    """A metric, a target and a day."""

    metric: MetricName = Field(description="A metric of this file, or a built-in one.")
    target: Number = Field(description="The value to reach.")
    baseline: Number | None = Field(
        default=None,
        description="The value at the start; else that of the last period before from.",
    )
    from_: Date = Field(alias="from", description="The first day.")
    due: Date = Field(description="The day by which it shall be reached.")
    period: Literal["week", "month", "cumulative"] = Field(
        default="week", description="What the value covers: week (default), month or cumulative."
    )
    north_star: Flag = Field(default=False, description="Whether it is the one goal above all.")

    @model_validator(mode="after")
    def _due_later(self) -> Self:
        if self.due <= self.from_:
            raise ValueError(f"expected a due date after {self.from_}, got {self.due}")
        if self.metric in BUILT_IN_METRICS:
            self.check_days_add_up(self.metric in SUMMED_METRICS)
        return self

    def check_days_add_up(self, adds_up: bool) -> None:
        """Raise when a cumulative goal is on a metric whose days do not add up."""
        if self.period == "cumulative" and not adds_up:
            raise ValueError(
                f"days of {self.metric} cannot be added up: cumulative is for "
                f"{', '.join(SUMMED_METRICS)} and sums over events"
            )


def check_goal(goal: Goal, metric: Metric) -> None:
    """Raise when a cumulative goal is on a metric of the product file that does not add up."""
    goal.check_days_add_up(metric.kind == "events" and metric.aggregate != "proportion")


class Evidence(Section):
    """What shows that a problem is real."""

    metric: MetricName | None = Field(default=None, description="The metric that shows it.")
    funnel: FunnelName | None = Field(default=None, description="Or the funnel.")
    step: Name | None = Field(default=None, description="The step of that funnel.")
    baseline: Number | None = Field(
        default=None, description="Its value when the problem was stated."
    )

    @model_validator(mode="after")
    def _one_kind(self, info: ValidationInfo) -> Self:
        exactly_one(self, ("metric",), ("funnel", "step"))
        check_step(info, self.funnel, self.step)
        return self


class Problem(Section):
    """What hinders whom."""

    who: PersonaName | None = Field(default=None, description="The persona that has it.")
    statement: Text = Field(description="The problem in one sentence.")
    evidence: Evidence | None = Field(default=None, description="What shows it.")


class Hypothesis(Section):
    """What would solve a problem."""

    problem: Annotated[Name, known("problem")] | None = Field(
        default=None, description="The problem."
    )
    statement: Text = Field(description="The belief in one sentence.")
    metric: MetricName | None = Field(default=None, description="The metric it would move.")
    predicted_direction: Literal["increase", "decrease"] | None = Field(
        default=None, description="Which way."
    )
    predicted_effect: Amount | None = Field(default=None, description="How much: 5%, or a number.")
    experiment: Annotated[Name, known("experiment")] | None = Field(
        default=None, description="The experiment that tests it."
    )
    stated_on: Date | None = Field(
        default=None, description="The day it was stated; its age counts from then."
    )


class RoadmapItem(Section):
    """Something to build."""

    name: Text = Field(description="What it is.")
    hypothesis: Annotated[Name, known("hypothesis")] | None = Field(
        default=None, description="The belief behind it."
    )
    feature: Annotated[Name, known("feature")] | None = Field(
        default=None, description="The feature it is or changes."
    )
    persona: PersonaName | None = Field(default=None, description="For whom.")
    goal: Annotated[Name, known("goal")] | None = Field(
        default=None, description="The goal it serves."
    )
    status: Literal["discovery", "building", "released", "dropped"] = Field(
        description="How far it is."
    )
    released_on: Date | None = Field(default=None, description="The day it was released.")

    @model_validator(mode="after")
    def _released_on_a_day(self) -> Self:
        if self.status == "released" and self.released_on is None:
            raise ValueError("released needs released_on too, such as released_on: 2026-01-31")
        if self.status in ("discovery", "building") and self.released_on is not None:
            raise ValueError(f"released_on is not for what is in {self.status}")
        return self
