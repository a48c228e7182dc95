"""Behavioural cohorts: groups of users by what they did, did not do, or are.

Belongs here: the keys of ``cohorts``, and that cohorts do not go in circles. Does not belong here:
personas, which are rules over the columns of ``core.users``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from pm_pipeline.product.faults import one_of, shown
from pm_pipeline.product.models.base import Section, exactly_one
from pm_pipeline.product.values import (
    Condition,
    Count,
    Name,
    PositiveDuration,
    Text,
    known,
    refuse_repeats,
)

_WHERE = "Only events for which this expression is true."

CohortName = Annotated[Name, known("cohort")]
CohortNames = Annotated[tuple[CohortName, ...], Field(min_length=1), AfterValidator(refuse_repeats)]


class CohortEvent(Section):
    """An event of a cohort."""

    event: Text = Field(description="The event; any matches every event.")
    where: Condition | None = Field(default=None, description=_WHERE)


class Did(CohortEvent):
    """Users who did an event so and so often within a trailing window."""

    at_least: Count = Field(default=1, description="How many times. Default 1.")
    within: PositiveDuration | None = Field(
        default=None, description="Within the last 28 days, say; without it: ever."
    )


class DidNot(CohortEvent):
    """Users who have been there for so long and not done an event in that time."""

    within: PositiveDuration | None = Field(
        default=None,
        description="For the last 14 days, say, and seen first before them; without it: never.",
    )


class DidInSequence(Section):
    """Users who did one event and then another."""

    first: CohortEvent = Field(description="What comes first.")
    then: CohortEvent = Field(description="What follows; both at one instant count too.")
    within: PositiveDuration = Field(description="From the first to the second, inclusive.")
    lasts: PositiveDuration | None = Field(
        default=None, description="Users leave so long after the second; without it: never."
    )


class Cohort(Section):
    """A group of users at every instant."""

    did: Did | None = Field(default=None, description="Who did an event often enough.")
    did_not: DidNot | None = Field(default=None, description="Who did not do an event.")
    sequence: DidInSequence | None = Field(
        default=None, description="Who did an event and then another."
    )
    persona: Annotated[Name, known("persona")] | None = Field(
        default=None, description="Who has this persona."
    )
    all_of: CohortNames | None = Field(default=None, description="Who is in all these cohorts.")
    any_of: CohortNames | None = Field(default=None, description="Who is in one of these cohorts.")
    except_: CohortNames | None = Field(
        default=None, alias="except", description="But in none of these; only with all_of, any_of."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("did", "did_not", "sequence", "persona", "all_of", "any_of")
        (kind,) = exactly_one(self, *((kind,) for kind in kinds))
        if self.except_ is not None:
            if kind not in ("all_of", "any_of"):
                raise ValueError("except is only for cohorts with all_of or any_of")
            for name in self.except_:
                if name in (self.all_of or self.any_of or ()):
                    raise ValueError(f"{shown(name)} is both wanted and excepted")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The cohorts that this one is made of, the excepted ones last."""
        return (*(self.all_of or self.any_of or ()), *(self.except_ or ()))


def refuse_circles(cohorts: dict[str, Cohort]) -> dict[str, Cohort]:
    """Return the cohorts, or raise for one that is made of itself."""
    depth_of(cohorts)
    return cohorts


def depth_of(cohorts: Mapping[str, Cohort]) -> dict[str, int]:
    """Return how many layers of other cohorts each is made of; 0 for one made of none."""
    depths: dict[str, int] = {}
    waiting = dict(cohorts)
    while waiting:
        ready = [
            name
            for name, cohort in waiting.items()
            if all(part in depths or part not in cohorts for part in cohort.parts)
        ]
        if not ready:
            raise ValueError(f"{one_of(sorted(waiting))}: made of each other in a circle")
        for name in ready:
            parts = [depths[part] + 1 for part in waiting.pop(name).parts if part in depths]
            depths[name] = max(parts, default=0)
    return depths


def rest_on_personas(cohorts: Mapping[str, Cohort]) -> set[str]:
    """Return the cohorts that are of a persona, or made of one that is."""
    found = {name for name, cohort in cohorts.items() if cohort.persona is not None}
    for name, _ in sorted(depth_of(cohorts).items(), key=lambda item: item[1]):
        if found & set(cohorts[name].parts):
            found.add(name)
    return found
