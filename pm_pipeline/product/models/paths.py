"""Paths: what users do one after the other.

Belongs here: the keys of ``paths``. Does not belong here: funnels, whose steps are known before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator
from pydantic.functional_validators import BeforeValidator

from pm_pipeline.product.faults import shown
from pm_pipeline.product.models.base import Section
from pm_pipeline.product.values import (
    DURATION_SCHEMA,
    Condition,
    Count,
    Flag,
    SomeTexts,
    Text,
    parse_duration,
)

SESSION = "session"
MOST_STEPS = 100


def _parse_within(value: Any) -> timedelta | str:
    if value == SESSION:
        return SESSION
    try:
        duration = parse_duration(value)
    except ValueError:
        duration = timedelta(0)
    if not duration:
        raise ValueError(f"expected session or a duration such as '7 days', got {shown(value)}")
    return duration


Within = Annotated[
    timedelta | Literal["session"],
    BeforeValidator(_parse_within),
    WithJsonSchema({"anyOf": [{"const": SESSION}, DURATION_SCHEMA]}),
]


class PathEvent(Section):
    """The event that a path leaves from or leads to."""

    event: Text = Field(description="The event; any matches every event.")
    where: Condition | None = Field(
        default=None, description="Only events for which this expression is true."
    )


class UserPath(Section):
    """Everything that users do after or before an event, step by step."""

    from_: PathEvent | None = Field(
        default=None, alias="from", description="Every such event begins a path."
    )
    to: PathEvent | None = Field(default=None, description="Every such event ends a path.")
    within: Within = Field(
        description="How far a path reaches from its event, inclusive: 7 days, or session. With "
        "neither from nor to it is session, and every session is a path."
    )
    events: SomeTexts | None = Field(
        default=None,
        description="Events kept by name; every other is (other). Without it all are kept.",
    )
    steps: Annotated[Count, Field(ge=2, le=MOST_STEPS)] = Field(
        default=20, description="How many steps are followed, the event itself included."
    )
    interval: Literal["day", "week", "month"] = Field(
        default="week", description="Paths are counted by the period of their event. Default week."
    )
    collapse_repeats: Flag = Field(
        default=False, description="Whether the same event several times in a row is one step."
    )

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.from_ is not None and self.to is not None:
            raise ValueError("expected from or to, not both")
        if self.from_ is None and self.to is None and self.within != SESSION:
            raise ValueError("expected from or to: only a path within a session needs neither")
        return self
