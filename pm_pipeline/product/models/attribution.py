"""Marketing attribution: touches, the channels they belong to, and who gets the credit.

Belongs here: keys of the section ``attribution``. Does not belong here: how credit is computed
(``dbt_project/models``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.functional_validators import BeforeValidator

from pm_pipeline.product.faults import did_you_mean, shown
from pm_pipeline.product.models.base import Section, only_with
from pm_pipeline.product.values import (
    Condition,
    NumberExpression,
    PositiveDuration,
    Text,
    Texts,
    parse_quantity,
    refuse_repeats,
)

UNATTRIBUTED = "(unattributed)"
CreditModel = Literal["first", "last", "last_non_direct", "linear", "position", "time_decay"]
_WHERE = "Only events for which this expression is true."


def _parse_weight(value: Any) -> float:
    weight = parse_quantity(value).value
    if weight < 0:
        raise ValueError(f"expected a weight of at least 0, got {shown(value)}")
    return weight


Weight = Annotated[float, BeforeValidator(_parse_weight, json_schema_input_type=float | str)]


class Conversion(Section):
    """What the channels get credit for; every such event is one conversion."""

    event: Text = Field(description="The event; any for all.")
    where: Condition | None = Field(default=None, description=_WHERE)
    value: NumberExpression | None = Field(
        default=None, description="What a conversion is worth, such as properties.price."
    )


class Touches(Section):
    """Which events may be touches; one that no channel matches is none."""

    event: Text = Field(default="any", description="The event; any (default) for all.")
    where: Condition | None = Field(default=None, description=_WHERE)


class Channel(Section):
    """A rule of the channel classifier."""

    name: Text = Field(description="The channel; several rules may lead to the same.")
    where: Condition | None = Field(
        default=None,
        description="Touches for which this expression is true; only the last rule may go without.",
    )

    @model_validator(mode="after")
    def _not_reserved(self) -> Self:
        if self.name == UNATTRIBUTED:
            raise ValueError(f"{UNATTRIBUTED} stands for conversions without a touch")
        return self


class PositionWeights(Section):
    """How the model position shares a conversion; only the weights' proportions count."""

    first: Weight = Field(default=40.0, description="Weight of the first touch. Default 40.")
    middle: Weight = Field(
        default=20.0, description="Weight of all touches in between together. Default 20."
    )
    last: Weight = Field(default=40.0, description="Weight of the last touch. Default 40.")
    two_touches: Annotated[tuple[Weight, ...], Field(min_length=2, max_length=2)] | None = Field(
        default=None,
        description="Weights of the first and the last of exactly two touches. Default: those of "
        "first and last.",
    )

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not self.first + self.middle + self.last or sum(self.of_two) == 0:
            raise ValueError("expected a weight above 0")
        return self

    @property
    def of_two(self) -> tuple[float, float]:
        """Return the weights of two touches; without any for first and last they are equal."""
        first, last = self.two_touches or (self.first, self.last)
        if self.two_touches is None and first + last == 0:
            return 1.0, 1.0
        return first, last


class Attribution(Section):
    """Which channels get the credit for a conversion."""

    conversion: Conversion = Field(description="What the channels get credit for.")
    touches: Touches = Field(
        default_factory=Touches, description="Which events may be touches. Default any."
    )
    look_back: PositiveDuration = Field(
        default=timedelta(days=30),
        description="How long before the conversion a touch counts, inclusive. Default 30 days.",
    )
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = Field(
        description="Rules over event columns and properties; the first that matches wins."
    )
    direct: Texts = Field(
        default=(), description="Channels that last_non_direct passes over when there is another."
    )
    models: Annotated[
        tuple[CreditModel, ...], Field(min_length=1), AfterValidator(refuse_repeats)
    ] = Field(
        default=("first", "last", "last_non_direct", "linear", "position", "time_decay"),
        description="How credit is shared. Default: all models.",
    )
    position: PositionWeights | None = Field(
        default=None, description="Weights of the model position. Default 40, 20, 40."
    )
    half_life: PositiveDuration | None = Field(
        default=None,
        description="Of the model time_decay: a touch this much earlier than another counts half. "
        "Default: a quarter of look_back.",
    )

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        for number, channel in enumerate(self.channels[:-1], start=1):
            if channel.where is None:
                raise ValueError(
                    f"only the last of the channels may go without where; {shown(channel.name)} "
                    f"is rule {number} of {len(self.channels)}"
                )
        names = [channel.name for channel in self.channels]
        for name in self.direct:
            if name not in names:
                raise ValueError(
                    f"direct: unknown channel {shown(name)}{did_you_mean(name, names)}"
                )
        if "position" not in self.models:
            only_with(self, "the model position", "position")
        if "time_decay" not in self.models:
            only_with(self, "the model time_decay", "half_life")
        return self

    @property
    def weights(self) -> PositionWeights:
        """Return the weights of the model position."""
        return self.position or PositionWeights()

    @property
    def half_life_seconds(self) -> float:
        """Return the half-life of the model time_decay."""
        return (self.half_life or self.look_back / 4).total_seconds()
