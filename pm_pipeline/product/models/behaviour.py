"""What users do: features, the tracking plan, metrics, retention, personas.

Belongs here: keys of these sections. Does not belong here: funnels, experiments, goals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from pm_pipeline.product.faults import did_you_mean, shown
from pm_pipeline.product.models.base import Section, exactly_one, only_with
from pm_pipeline.product.values import (
    Amount,
    Condition,
    Count,
    CountOrZero,
    Date,
    Flag,
    Name,
    Number,
    NumberExpression,
    SomeTexts,
    Text,
    UserCondition,
    known,
)

MetricName = Annotated[Name, known("metric")]
FunnelName = Annotated[Name, known("funnel")]
Periods = Annotated[Count, Field(le=1000)]
BUILT_IN_METRICS = (
    "daily_active_users", "weekly_active_users", "monthly_active_users", "new_users", "sessions",
    "stickiness_rate",
)  # fmt: skip
SUMMED_METRICS = ("new_users", "sessions")
"""Of these, those whose days add up."""
_WHERE = "Only events for which this expression is true."


class StageDecision(Section):
    """What people decided to do with the product or a feature, shown beside the advice."""

    action: Literal["keep", "kill", "reboot"] = Field(description="What was decided.")
    on: Date = Field(description="When it was decided.")
    by: Text = Field(description="Who decided.")
    why: Text | None = Field(default=None, description="The reason.")


class Feature(Section):
    """A part of the product whose use is followed."""

    events: SomeTexts = Field(description="Any of these events is a use of the feature.")
    owner: Text | None = Field(default=None, description="Who answers for it.")
    launched_on: Date | None = Field(
        default=None,
        description="The day it went live: nobody could use it before. Without it a feature in use "
        "in the first 4 weeks of data has no known beginning.",
    )
    target_users: Count | None = Field(
        default=None,
        description="How many users it is meant for; without it everybody active in the product.",
    )
    monthly_value: Number | None = Field(
        default=None, description="What it earns a month, in any currency."
    )
    monthly_cost: Number | None = Field(
        default=None, description="What it costs a month, in the same currency."
    )
    decision: StageDecision | None = Field(
        default=None, description="What people decided to do with it, beside the advice."
    )


class PlannedProperty(Section):
    """What a property of a planned event may hold."""

    type: Literal["string", "number", "integer", "boolean", "array", "object"] | None = Field(
        default=None, description="The type of its values."
    )
    required: Flag = Field(default=False, description="Whether every event must carry it.")
    min: Number | None = Field(default=None, description="The smallest value allowed.")
    max: Number | None = Field(default=None, description="The largest value allowed.")
    enum: tuple[Any, ...] | None = Field(
        default=None, min_length=1, description="The only values allowed."
    )


class PlannedEvent(Section):
    """An event of the tracking plan."""

    properties: dict[Text, PlannedProperty] = Field(
        default={}, description="Its properties by name."
    )


class TrackingPlan(Section):
    """Which events and properties are expected."""

    on_violation: Literal["warn", "reject"] = Field(
        default="warn",
        description="warn keeps a record that breaks the plan, reject sets it apart.",
    )
    events: dict[Text, PlannedEvent] = Field(default={}, description="The planned events by name.")


class Metric(Section):
    """A number per user and window, or a ratio of two of them."""

    event: Text | None = Field(default=None, description="The event that is counted; any for all.")
    aggregate: Literal["count", "sum", "unique_days", "proportion"] | None = Field(
        default=None, description="count, sum, unique_days, or proportion: did it or not."
    )
    value: NumberExpression | None = Field(default=None, description="What is summed.")
    where: Condition | None = Field(default=None, description=_WHERE)
    numerator: MetricName | None = Field(default=None, description="The metric above the line.")
    denominator: MetricName | None = Field(default=None, description="The metric below the line.")
    retention: Annotated[Name, known("retention")] | None = Field(
        default=None, description="The retention whose rate this is."
    )
    period: CountOrZero | None = Field(default=None, description="The period of that retention.")
    funnel: FunnelName | None = Field(
        default=None,
        description="The funnel whose step this is: the share of those who enter it; in an "
        "experiment, of all exposed units.",
    )
    step: Name | None = Field(default=None, description="The step of that funnel.")
    cap: Amount | None = Field(
        default=None,
        description="Largest value per user: 500, or 99%.",
    )
    direction: Literal["higher_is_better", "lower_is_better"] = Field(
        default="higher_is_better",
        description="Which way is good. Default higher_is_better.",
    )

    @property
    def kind(self) -> Literal["events", "ratio", "retention", "funnel"]:
        """Return what the metric is made of."""
        if self.event is not None:
            return "events"
        if self.numerator is not None:
            return "ratio"
        return "retention" if self.retention is not None else "funnel"

    @property
    def not_summed_because(self) -> str | None:
        """Return why the metric cannot be summed by age; None when it can."""
        if self.kind == "ratio":
            return "is a ratio, whose parts can be summed: name numerator and denominator"
        if self.kind != "events":
            return f"is a {self.kind} rate, which has tables of its own and does not add up"
        if self.cap is not None and self.cap.is_percent:
            return "is capped by a percentile, which is another value at each age; cap it by value"
        return None

    def days_needed(self, retentions: Mapping[str, Retention]) -> int:
        """Return for how many periods of 24 hours a unit must be followed, as far as is known."""
        retention = retentions.get(self.retention or "")
        return 0 if retention is None else ((self.period or 0) + 1) * retention.rolling_days

    @model_validator(mode="after")
    def _one_kind(self, info: ValidationInfo) -> Self:
        kind = exactly_one(
            self,
            ("event", "aggregate"),
            ("numerator", "denominator"),
            ("retention", "period"),
            ("funnel", "step"),
        )
        if "event" not in kind:
            only_with(self, "metrics with event (a ratio is capped by its numerator)", "cap")
            only_with(self, "metrics with event", "where", "value")
        elif self.aggregate == "sum":
            if self.value is None:
                raise ValueError("aggregate sum needs value, such as properties.price")
        else:
            only_with(self, "aggregate sum", "value")
        check_step(info, self.funnel, self.step)
        return self


def check_step(info: ValidationInfo, funnel: str | None, step: str | None) -> None:
    """Raise when ``step`` is not a step of ``funnel``, as far as the file's names are known."""
    steps = ((info.context or {}).get("funnel_steps") or {}).get(funnel)
    if step is not None and steps and step not in steps:
        raise ValueError(
            f"funnel {shown(funnel)} has no step {shown(step)}{did_you_mean(step, steps)}"
        )


class RetentionStart(Section):
    """What puts a user into a cohort."""

    event: Text = Field(description="The event; any for all.")
    where: Condition | None = Field(default=None, description=_WHERE)
    first_time: Flag = Field(default=False, description="Only the user's first ever.")


class RetentionReturn(Section):
    """What counts as coming back."""

    event: Text = Field(description="The event; any for all.")
    where: Condition | None = Field(default=None, description=_WHERE)
    at_least: Count = Field(default=1, description="How many of them in the period. Default 1.")


class Retention(Section):
    """Whether users come back."""

    start: RetentionStart = Field(description="What puts a user into a cohort.")
    return_: RetentionReturn = Field(alias="return", description="What counts as coming back.")
    interval: Literal["day", "week", "month"] = Field(description="The length of a period.")
    periods: Periods = Field(description="How many periods are followed.")
    clock: Literal["calendar", "rolling"] = Field(
        default="calendar", description="calendar periods, or 24-hour periods from the start."
    )
    brackets: tuple[Annotated[tuple[Periods, ...], Field(min_length=2, max_length=2)], ...] = Field(
        default=(), description="Ranges of periods such as [[1, 3], [4, 7]]."
    )
    metrics: tuple[MetricName, ...] | None = Field(
        default=None,
        description="The metrics that are summed by age of the cohorts; default all of metrics.",
    )

    @property
    def rolling_days(self) -> int:
        """The 24-hour periods of a period, as the rolling clock counts them."""
        return {"day": 1, "week": 7, "month": 30}[self.interval]

    @model_validator(mode="after")
    def _brackets_run_forward(self) -> Self:
        for first, last in self.brackets:
            if first > last:
                raise ValueError(f"the bracket [{first}, {last}] runs backwards")
            if self.brackets.count((first, last)) > 1:
                raise ValueError(f"the bracket [{first}, {last}] is there twice")
        return self


class Persona(Section):
    """A kind of user; the first that matches wins."""

    where: UserCondition = Field(
        description="An expression over columns of core.users, such as active_days_last_28 >= 12."
    )
