"""Funnels: steps towards a goal, within a window from the first.

Belongs here: the keys of ``funnels`` and which of them go together. Does not belong here: the
other things that users do (``behaviour.py``).
"""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic.functional_validators import BeforeValidator

from pm_pipeline.product.faults import shown
from pm_pipeline.product.models.base import Section
from pm_pipeline.product.models.settings import Segments
from pm_pipeline.product.values import (
    Condition,
    Count,
    Flag,
    Name,
    PositiveDuration,
    Scalar,
    Text,
)

ANY_EVENT = "any"
MOST_STEPS = 60
"""A set of steps is a mask in one whole number."""
MOST_OVERLAPPING = 8
"""Different steps that one event might match: every set of them is looked at."""


class FunnelStep(Section):
    """One step of a funnel."""

    name: Name = Field(description="The step's name.")
    event: Text = Field(description="The event that completes it; any matches every event.")
    where: Condition | None = Field(
        default=None, description="Only events for which this expression is true."
    )
    optional: Flag = Field(default=False, description="Whether the step may be left out.")

    @property
    def matcher(self) -> tuple[str, str | None]:
        """Return what an event must be: steps of equal matchers are one step that repeats."""
        return self.event, self.where


class FunnelExclusion(Section):
    """An event that ends an attempt."""

    event: Text = Field(description="The event.")
    where: Condition | None = Field(
        default=None, description="Only events for which this expression is true."
    )
    after_step: Count | None = Field(
        default=None, description="Only after this step, from 1. Default 1."
    )
    before_step: Count | None = Field(
        default=None, description="Only before this step. Default the last."
    )


class StepAttribution(Section):
    """The step whose event gives the segment value."""

    step: Count = Field(description="The number of the step, from 1.")


def _attribution(value: Any) -> Any:
    if value == "first":
        return {"step": 1}
    if value == "last":
        return None
    if isinstance(value, dict | StepAttribution):
        return value
    raise ValueError(f"expected first, last or {{step: 2}}, got {shown(value)}")


class Funnel(Section):
    """Steps towards a goal, within a window from the first."""

    steps: tuple[FunnelStep, ...] = Field(
        min_length=2, max_length=MOST_STEPS, description="The steps, at least two."
    )
    order: Literal["ordered", "strict", "unordered"] = Field(
        default="ordered", description="ordered, strict (nothing in between) or unordered."
    )
    window: PositiveDuration = Field(description="From step 1, inclusive, such as 7 days.")
    hold_constant: tuple[Scalar, ...] = Field(
        default=(), description="Properties that must be equal on all steps."
    )
    exclude: tuple[FunnelExclusion, ...] = Field(
        default=(), description="Events that end an attempt."
    )
    segments: Segments = Field(default=(), description="Break-downs of this funnel.")
    segment_attribution: Annotated[
        StepAttribution | None,
        BeforeValidator(
            _attribution, json_schema_input_type=Literal["first", "last"] | StepAttribution
        ),
    ] = Field(
        default=StepAttribution(step=1),
        description="The step whose event gives the segment value: first (default), last or "
        "{step: k}.",
    )
    enter_at: Literal["first", "any"] = Field(
        default="first", description="any lets an attempt begin at any step."
    )
    require_first_step: Flag = Field(
        default=False,
        description="Of an unordered funnel: only attempts with the first step count.",
    )

    @property
    def required_steps(self) -> tuple[FunnelStep, ...]:
        """Return the steps that may not be left out."""
        return tuple(step for step in self.steps if not step.optional)

    @model_validator(mode="after")
    def _steps_agree(self) -> Self:
        names = [step.name for step in self.steps]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two steps are named {shown(name)}")
        numbers = [
            number for excluded in self.exclude
            for number in (excluded.after_step, excluded.before_step) if number is not None
        ]  # fmt: skip
        if self.segment_attribution is not None:
            numbers.append(self.segment_attribution.step)
        for number in numbers:
            if number > len(names):
                raise ValueError(f"there is no step {number}: the funnel has {len(names)}")
        return self

    @model_validator(mode="after")
    def _optional_steps_lie_inside(self) -> Self:
        if self.steps[0].optional or self.steps[-1].optional:
            raise ValueError("the first and the last step cannot be optional")
        if self.order != "ordered" and len(self.required_steps) < len(self.steps):
            raise ValueError(f"an optional step needs order: ordered, got {self.order}")
        return self

    @model_validator(mode="after")
    def _exclusions_lie_between_steps(self) -> Self:
        if self.exclude and self.order == "strict":
            raise ValueError("exclude is not for order: strict, where nothing may lie in between")
        for excluded in self.exclude:
            first, last = excluded.after_step or 1, excluded.before_step or len(self.steps)
            if self.order == "unordered" and (excluded.after_step or excluded.before_step):
                raise ValueError("after_step and before_step need steps in order, got unordered")
            if first >= last:
                raise ValueError(
                    f"an exclusion lies after a step and before a later one, got {first} and {last}"
                )
            for number in (first, last):
                if self.steps[number - 1].optional:
                    raise ValueError(f"an exclusion cannot lean on step {number}: it is optional")
        return self

    @model_validator(mode="after")
    def _entry_fits_the_order(self) -> Self:
        if self.enter_at == "any" and self.order == "unordered":
            raise ValueError("enter_at: any is what order: unordered means: leave it out")
        if self.require_first_step and self.order != "unordered":
            raise ValueError(f"require_first_step is for order: unordered, got {self.order}")
        return self

    @model_validator(mode="after")
    def _few_steps_overlap(self) -> Self:
        most = max(len(groups) for groups in overlapping_steps(self))
        if most > MOST_OVERLAPPING:
            raise ValueError(
                f"expected at most {MOST_OVERLAPPING} different steps that one event may match, "
                f"got {most}"
            )
        return self


def overlapping_steps(funnel: Funnel) -> list[list[list[int]]]:
    """Return the required steps (from 0) in components of groups.

    A group holds equal steps, which the same events match. A component holds groups that one event
    might match together: those of one event name, and all of them once a step matches any event.
    """
    groups: dict[tuple[str, str | None], list[int]] = {}
    for number, step in enumerate(funnel.required_steps):
        groups.setdefault(step.matcher, []).append(number)
    components: list[list[tuple[str, str | None]]] = [[matcher] for matcher in groups]
    for one, other in combinations(groups, 2):
        if one[0] == other[0] or ANY_EVENT in (one[0], other[0]):
            first = next(component for component in components if one in component)
            second = next(component for component in components if other in component)
            if first is not second:
                first += second
                components.remove(second)
    return [[groups[matcher] for matcher in component] for component in components]
