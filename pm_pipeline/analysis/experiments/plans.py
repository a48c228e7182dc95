"""What an experiment planned: how it is read, which metrics decide, what they must reach.

Belongs here: the typed plan that the statistics need. Does not belong here: ``product.yml``, dates,
windows, and what the units did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pm_pipeline.analysis.experiments.arms import MetricKind
from pm_pipeline.analysis.experiments.boundaries import Looks

Inference = Literal["fixed", "sequential", "group_sequential"]
Direction = Literal["higher_is_better", "lower_is_better"]
Role = Literal["primary", "secondary", "guardrail"]
Success = Literal["any", "all"]


@dataclass(frozen=True)
class Effect:
    """An amount of change: of the metric itself, or of control's value when relative."""

    size: float
    is_relative: bool


@dataclass(frozen=True)
class Reading:
    """How a comparison of two arms is read."""

    alpha: float = 0.05
    inference: Inference = "fixed"
    planned_units: float | None = None
    """Of the two arms compared; where the confidence sequence is tightest."""
    looks: Looks | None = None
    """Of group_sequential: those reached so far; None before the first."""


@dataclass(frozen=True)
class Metric:
    """A metric in the role that it plays in an experiment."""

    name: str
    kind: MetricKind
    role: Role
    direction: Direction = "higher_is_better"
    margin: Effect | None = None
    """Of a guardrail: how much worse is still fine."""
    has_covariate: bool = True

    @property
    def sign(self) -> int:
        """1 when more is better, else -1."""
        return 1 if self.direction == "higher_is_better" else -1


@dataclass(frozen=True)
class Plan:
    """An experiment as planned; the shares are those of the whole allocation."""

    name: str
    shares: dict[str, float]
    control: str
    metrics: tuple[Metric, ...]
    alpha: float = 0.05
    inference: Inference = "fixed"
    planned_users: int | None = None
    minimum_effect: Effect | None = None
    success: Success = "any"

    def __post_init__(self) -> None:
        names = [metric.name for metric in self.metrics]
        if len(set(names)) != len(names):
            raise ValueError(f"a metric plays one role in an experiment, got {sorted(names)}")
        if self.control not in self.shares:
            raise ValueError(f"the control {self.control!r} has no share")

    @property
    def treatments(self) -> tuple[str, ...]:
        """The variants that are compared with the control."""
        return tuple(variant for variant in self.shares if variant != self.control)

    def family_size(self, role: Role) -> int:
        """Return how many comparisons the metrics of a role make."""
        return len(self.treatments) * sum(metric.role == role for metric in self.metrics)

    def reading(self, variant: str, looks: Looks | None = None) -> Reading:
        """Return how a variant is read against the control."""
        return self.reading_of(self.control, variant, looks)

    def reading_of(self, one: str, other: str, looks: Looks | None = None) -> Reading:
        """Return how two arms are read against each other."""
        planned = None
        if self.planned_users is not None:
            share = (self.shares[one] + self.shares[other]) / sum(self.shares.values())
            planned = self.planned_users * share
        return Reading(self.alpha, self.inference, planned, looks)
