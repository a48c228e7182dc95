"""Experiments: exposure, variants, metrics, windows, how they are decided.

Belongs here: keys of ``experiments``. Does not belong here: statistics (the room ``analysis``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pm_pipeline.product.expressions import ExpressionError, segment_of
from pm_pipeline.product.faults import did_you_mean, shown
from pm_pipeline.product.models.base import Section
from pm_pipeline.product.models.behaviour import MetricName
from pm_pipeline.product.values import (
    Amount,
    Condition,
    Count,
    Date,
    Duration,
    Name,
    Number,
    PositiveDuration,
    Scalar,
    Share,
    Text,
)

SHARES_ADD_UP_WITHIN = 1e-6


def _check_unit(unit: str) -> str:
    if unit in ("user", "device"):
        return unit
    try:
        if unit.startswith("properties."):
            segment_of(unit)
            return unit
    except ExpressionError:
        pass
    hint = did_you_mean(unit, ("user", "device"))
    raise ValueError(f"expected user, device or properties.<name>, got {shown(unit)}{hint}")


def _check_shares(variants: dict[str, float]) -> dict[str, float]:
    total = sum(variants.values())
    if abs(total - 1) > SHARES_ADD_UP_WITHIN:
        raise ValueError(f"expected shares that add up to 1, got {total:g}")
    return variants


Variants = Annotated[
    dict[Text, Share], Field(min_length=2), AfterValidator(_check_shares)
]  # fmt: skip


class Exposure(Section):
    """The event that shows a unit its variant."""

    event: Text = Field(description="The event.")
    where: Condition | None = Field(
        default=None, description="Which of those events are of this one."
    )
    variant: Scalar = Field(description="Where the variant stands, such as properties.variant.")


class Activation(Section):
    """What a unit must have done to be analysed."""

    event: Text = Field(description="The event.")
    where: Condition | None = Field(default=None, description="Only events for which this is true.")


class Phase(Section):
    """A stretch of the experiment with its own allocation."""

    from_: Date = Field(alias="from", description="Its first day.")
    variants: Variants = Field(description="The allocation from that day on.")


class Guardrail(Section):
    """A metric that must not get worse."""

    metric: MetricName = Field(description="The metric.")
    margin: Amount = Field(description="How much worse is still fine: 2%, or a number.")


class ExperimentMetrics(Section):
    """What the experiment is judged by."""

    primary: Annotated[tuple[MetricName, ...], Field(min_length=1)] = Field(
        description="The metrics that decide."
    )
    secondary: tuple[MetricName, ...] = Field(default=(), description="Metrics that explain.")
    guardrails: tuple[Guardrail, ...] = Field(
        default=(), description="Metrics that must not get worse."
    )


class HumanDecision(Section):
    """What people decided, shown beside the advice."""

    action: Literal["ship", "roll_back", "keep_running", "review"] = Field(
        description="What was done."
    )
    on: Date = Field(description="When it was decided.")
    by: Text = Field(description="Who decided.")
    why: Text | None = Field(default=None, description="The reason.")


class Experiment(Section):
    """A comparison of variants."""

    hypothesis: Text | None = Field(default=None, description="What is believed, in one sentence.")
    feature: Name | None = Field(
        default=None, description="The feature that it changes; it need not be one of features."
    )
    unit: Annotated[Text, AfterValidator(_check_unit)] = Field(
        default="user", description="What is assigned: user (default), device or properties.<name>."
    )
    exposure: Exposure = Field(description="The event that shows a unit its variant.")
    variants: Variants = Field(description="The planned allocation; the first is the control.")
    control: Text | None = Field(default=None, description="The control, when it is not the first.")
    start: Date = Field(description="First day of exposures.")
    end: Date | None = Field(default=None, description="The day on which exposures stop.")
    metrics: ExperimentMetrics = Field(description="What it is judged by.")
    metric_window: PositiveDuration = Field(description="Per unit from its first exposure.")
    pre_exposure_window: Duration = Field(
        default=timedelta(days=14), description="Before exposure, for CUPED; 0 turns it off."
    )
    alpha: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.05, description="Chance of a false finding. Default 0.05."
    )
    inference: Literal["fixed", "sequential", "group_sequential"] = Field(
        default="fixed", description="When it may be read: fixed, sequential or group_sequential."
    )
    minimum_effect: Amount | None = Field(
        default=None, description="The smallest effect worth having: 1% (relative) or a number."
    )
    planned_users: Count | None = Field(
        default=None, description="Planned units, all arms together."
    )
    minimum_runtime: Duration = Field(
        default=timedelta(days=7), description="Not decided before. Default 7 days."
    )
    minimum_users: Count = Field(default=100, description="Closed units an arm needs. Default 100.")
    success: Literal["any", "all"] = Field(
        default="any", description="Whether any or all primary metrics must win."
    )
    looks: tuple[Share, ...] | None = Field(
        default=None, min_length=1, description="Shares of closed units at which it is read."
    )
    phases: tuple[Phase, ...] = Field(default=(), description="Changes of the allocation.")
    activation: Activation | None = Field(default=None, description="What makes a unit count.")
    decision: HumanDecision | None = Field(default=None, description="What people decided.")

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        if self.control is not None and self.control not in self.variants:
            hint = did_you_mean(self.control, self.variants)
            raise ValueError(f"control {shown(self.control)} is not one of the variants{hint}")
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"expected an end after the start {self.start}, got {self.end}")
        if self.inference == "group_sequential" and not (self.planned_users and self.looks):
            raise ValueError("inference group_sequential needs planned_users and looks")
        if self.looks and list(self.looks) != sorted(set(self.looks)):
            raise ValueError("expected looks that rise, such as [0.25, 0.5, 0.75, 1]")
        return self

    @property
    def control_variant(self) -> str:
        """The variant that the others are compared with."""
        return self.control or next(iter(self.variants))
