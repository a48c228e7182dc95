"""What users answer: surveys.

Belongs here: the keys of ``surveys:``. Does not belong here: how answers become scores (dbt).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pm_pipeline.product.models.base import Section
from pm_pipeline.product.values import Condition, NumberExpression, Text


class Survey(Section):
    """A question whose answers arrive as events."""

    event: Text = Field(description="The event that brings an answer.")
    where: Condition | None = Field(
        default=None, description="Only events for which this expression is true."
    )
    kind: Literal["nps", "csat"] = Field(
        description="nps: 0 to 10, would you recommend it; csat: 1 to 5, how satisfied are you."
    )
    score: NumberExpression = Field(description="The answer as a number: properties.score.")
    period: Literal["week", "month"] = Field(
        default="month",
        description="Answers are counted by week or month (default); of a person the last in each.",
    )
