"""Experiments: exposure, variants, metrics, windows, how they are decided.

Belongs here: keys of ``experiments``. Does not belong here: statistics (the room ``analysis``).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pm_pipeline.product.expressions import ExpressionError, segment_of
from pm_pipeline.product.faults import did_you_mean, shown
from pm_pipeline.product.models.base import Section
from pm_pipeline.product.models.behaviour import BUILT_IN_METRICS, MetricName
from pm_pipeline.product.values import (
    Amount,
    Condition,
    Count,
    Date,
    Duration,
    Name,
    Number,
    PositiveDuration,
    Quantity,
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

    event: Text = Field(description="The event, within the metric window; any for all.")
    where: Condition | None = Field(default=None, description="Only events for which this is true.")


class Phase(Section):
    """A stretch of the experiment with its own allocation."""

    from_: Date = Field(alias="from", description="Its first day.")
    variants: Variants = Field(description="The allocation from that day on.")


def _not_of_the_product(metric: str) -> str:
    if metric in BUILT_IN_METRICS:
        raise ValueError(
            f"{shown(metric)} is a number of the whole product; experiments compare numbers of "
            "single units: name one of metrics"
        )
    return metric


def _above_zero(amount: Quantity) -> Quantity:
    if amount.value <= 0:
        raise ValueError(f"expected an amount above 0, got {amount.value:g}")
    return amount


def _whole_days(duration: timedelta) -> timedelta:
    if duration % timedelta(days=1):
        raise ValueError(
            "expected whole days, such as '14 days': a unit is followed in periods of 24 hours"
        )
    return duration


UnitMetric = Annotated[MetricName, AfterValidator(_not_of_the_product)]


class Guardrail(Section):
    """A metric that must not get worse."""

    metric: UnitMetric = Field(description="The metric.")
    margin: Annotated[Amount, AfterValidator(_above_zero)] = Field(
        description="How much worse is still fine: 2%, or a number."
    )


class ExperimentMetrics(Section):
    """What the experiment is judged by."""

    primary: Annotated[tuple[UnitMetric, ...], Field(min_length=1)] = Field(
        description="The metrics that decide."
    )
    secondary: tuple[UnitMetric, ...] = Field(default=(), description="Metrics that explain.")
    guardrails: tuple[Guardrail, ...] = Field(
        default=(), description="Metrics that must not get worse."
    )

    @property
    def names(self) -> tuple[str, ...]:
        """All of them: primary, secondary, guardrails."""
        return (*self.primary, *self.secondary, *(rail.metric for rail in self.guardrails))

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        for name in self.names:
            if self.names.count(name) > 1:
                raise ValueError(f"{shown(name)} is there twice; a metric plays one role")
        return self


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
    metric_window: Annotated[PositiveDuration, AfterValidator(_whole_days)] = Field(
        description="Per unit from its first exposure, in whole days (24 hours each)."
    )
    pre_exposure_window: Annotated[Duration, AfterValidator(_whole_days)] = Field(
        default=timedelta(days=14), description="Before exposure, for CUPED; 0 turns it off."
    )
    alpha: Annotated[Number, Field(gt=0, lt=0.5)] = Field(
        default=0.05, description="Chance of a false finding. Default 0.05."
    )
    inference: Literal["fixed", "sequential", "group_sequential"] = Field(
        default="fixed", description="When it may be read: fixed, sequential or group_sequential."
    )
    minimum_effect: Annotated[Amount, AfterValidator(_above_zero)] | None = Field(
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
    phases: tuple[Phase, ...] = Field(
        default=(),
        description="Changes of the allocation: a unit belongs to the phase of its first exposure.",
    )
    activation: Activation | None = Field(
        default=None,
        description="What a unit must do within its metric window to be analysed.",
    )
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
        days = [phase.from_ for phase in self.phases]
        if days and (days != sorted(set(days)) or days[0] < self.start):
            raise ValueError(f"expected phases one after the other, from {self.start} on")
        for phase in self.phases:
            if self.control_variant not in phase.variants:
                raise ValueError(
                    f"the phase from {phase.from_} is without the control "
                    f"{shown(self.control_variant)}"
                )
        if self.looks and list(self.looks) != sorted(set(self.looks)):
            raise ValueError("expected looks that rise, such as [0.25, 0.5, 0.75, 1]")
        return self

    @property
    def allocations(self) -> tuple[tuple[date, dict[str, float]], ...]:
        """The allocation from each day on, the first from the start."""
        later = tuple((phase.from_, phase.variants) for phase in self.phases)
        begins = later[0][0] if later else None
        return later if begins == self.start else ((self.start, self.variants), *later)

    @property
    def planned_variants(self) -> dict[str, float]:
        """Every variant that was ever planned, with the share that it had last."""
        found = dict(self.variants)
        for _, shares in self.allocations:
            found |= shares
        return found

    @property
    def control_variant(self) -> str:
        """The variant that the others are compared with."""
        return self.control or next(iter(self.variants))
