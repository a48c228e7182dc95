"""The whole of ``product.yml``.

Belongs here: its sections, and which of them this version does not carry out yet. Does not belong
here: the keys of a section.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from pm_pipeline.product.expressions import segment_of
from pm_pipeline.product.faults import shown
from pm_pipeline.product.models.attribution import Attribution
from pm_pipeline.product.models.base import Section
from pm_pipeline.product.models.behaviour import (
    BUILT_IN_METRICS,
    Feature,
    Metric,
    Persona,
    Retention,
    TrackingPlan,
)
from pm_pipeline.product.models.cohorts import Cohort, refuse_circles
from pm_pipeline.product.models.direction import (
    Goal,
    Hypothesis,
    Problem,
    RoadmapItem,
    check_goal,
)
from pm_pipeline.product.models.experiment import Experiment
from pm_pipeline.product.models.funnel import Funnel
from pm_pipeline.product.models.paths import UserPath
from pm_pipeline.product.models.settings import (
    Alerts,
    Check,
    Identity,
    Lifecycle,
    Privacy,
    ProductSettings,
)
from pm_pipeline.product.models.source import Source
from pm_pipeline.product.models.surveys import Survey
from pm_pipeline.product.models.tree import TreeNode, check_tree
from pm_pipeline.product.support import LATER
from pm_pipeline.product.values import Condition, Name, Text, known


def _not_built_in(metrics: dict[str, Metric]) -> dict[str, Metric]:
    for name, metric in metrics.items():
        if name in BUILT_IN_METRICS:
            raise ValueError(f"{shown(name)} is a built-in metric; choose another name")
        for part in (metric.numerator, metric.denominator):
            if part is not None and (part not in metrics or metrics[part].kind != "events"):
                raise ValueError(
                    f"{shown(name)} is a ratio of {shown(part)}, which is no metric with event"
                )
    return metrics


def _one_north_star(goals: dict[str, Goal]) -> dict[str, Goal]:
    stars = [name for name, goal in goals.items() if goal.north_star]
    if len(stars) > 1:
        raise ValueError(f"one goal is the north star, here are {', '.join(map(shown, stars))}")
    return goals


class Product(Section):
    """What a product is and what to measure."""

    product: ProductSettings = Field(description="What the product is.")
    sources: Annotated[tuple[Source, ...], Field(min_length=1)] = Field(
        description="Which landing files hold events; the first that matches a file reads it."
    )
    identity: Identity = Field(
        default_factory=Identity, description="How devices and users become persons."
    )
    exclude: tuple[Condition, ...] = Field(
        default=(), description="Events for which one of these expressions is true are not counted."
    )
    features: dict[Name, Feature] = Field(default={}, description="Parts of the product, by name.")
    cohorts: Annotated[dict[Name, Cohort], AfterValidator(refuse_circles)] = Field(
        default={}, description="Groups of users, by name."
    )
    paths: dict[Name, UserPath] = Field(
        default={}, description="What users do one after the other, by name."
    )
    attribution: dict[Name, Attribution] = Field(
        default={}, description="Which channels get the credit for a conversion, by name."
    )
    checks: dict[Annotated[Text, known("check")], Check] = Field(
        default={}, description="Limit and severity of data checks, by the check's name."
    )
    tracking_plan: TrackingPlan | None = Field(
        default=None,
        description="Which events and properties are expected.",
        json_schema_extra=LATER,
    )
    metrics: Annotated[dict[Name, Metric], AfterValidator(_not_built_in)] = Field(
        default={}, description="Numbers per user and window, by name."
    )
    funnels: dict[Name, Funnel] = Field(default={}, description="Steps towards a goal, by name.")
    retention: dict[Name, Retention] = Field(
        default={}, description="Whether users come back, by name."
    )
    experiments: dict[Name, Experiment] = Field(
        default={}, description="Comparisons of variants, by name."
    )
    lifecycle: Lifecycle = Field(
        default_factory=Lifecycle, description="Settings of the life-cycle stages."
    )
    personas: dict[Name, Persona] = Field(
        default={}, description="Kinds of users, by name; the first that matches wins."
    )
    goals: Annotated[dict[Name, Goal], AfterValidator(_one_north_star)] = Field(
        default={}, description="A metric, a target and a day, by name."
    )
    metric_tree: dict[Name, TreeNode] = Field(
        default={}, description="What metrics are made of or moved by, by the metric's name."
    )
    problems: dict[Name, Problem] = Field(default={}, description="What hinders whom, by name.")
    hypotheses: dict[Name, Hypothesis] = Field(
        default={}, description="What would solve a problem, by name."
    )
    roadmap: tuple[RoadmapItem, ...] = Field(
        default=(), description="What is to be built, the first first."
    )
    surveys: dict[Name, Survey] = Field(default={}, description="What users answer, by name.")
    alerts: Alerts = Field(default_factory=Alerts, description="Who is told when a run failed.")
    privacy: Privacy = Field(
        default_factory=Privacy,
        description="What is not kept about people.",
        json_schema_extra=LATER,
    )

    @field_validator("retention")
    @classmethod
    def _metrics_add_up(
        cls, retentions: dict[str, Retention], info: ValidationInfo
    ) -> dict[str, Retention]:
        metrics: dict[str, Metric] = info.data.get("metrics", {})
        for name, retention in retentions.items():
            for metric in retention.metrics or ():
                reason = (
                    "is a built-in metric, which is no sum over the events of a person"
                    if metric in BUILT_IN_METRICS
                    else metric in metrics and metrics[metric].not_summed_because
                )
                if reason:
                    raise ValueError(f"{shown(name)} cannot sum by age: {shown(metric)} {reason}")
        return retentions

    @field_validator("experiments")
    @classmethod
    def _windows_are_long_enough(
        cls, experiments: dict[str, Experiment], info: ValidationInfo
    ) -> dict[str, Experiment]:
        metrics: dict[str, Metric] = info.data.get("metrics", {})
        retentions: dict[str, Retention] = info.data.get("retention", {})
        for name, experiment in experiments.items():
            for metric in experiment.metrics.names:
                needed = metrics[metric].days_needed(retentions) if metric in metrics else 0
                if needed > experiment.metric_window.days:
                    raise ValueError(
                        f"{shown(name)} follows units for {experiment.metric_window.days} days, "
                        f"too short for {shown(metric)}: it needs {needed}"
                    )
                if metric in metrics and metrics[metric].funnel and experiment.unit != "user":
                    raise ValueError(
                        f"{shown(name)}: {shown(metric)} is a step of a funnel, which is walked by "
                        f"people: it needs unit: user, got {experiment.unit}"
                    )
        return experiments

    @field_validator("goals")
    @classmethod
    def _goals_have_values(cls, goals: dict[str, Goal], info: ValidationInfo) -> dict[str, Goal]:
        metrics = info.data.get("metrics", {})
        for name, goal in goals.items():
            if goal.metric in metrics:
                try:
                    check_goal(goal, metrics[goal.metric])
                except ValueError as problem:
                    raise ValueError(f"goal {shown(name)}: {problem}") from None
        return goals

    @field_validator("metric_tree")
    @classmethod
    def _a_tree(cls, tree: dict[str, TreeNode], info: ValidationInfo) -> dict[str, TreeNode]:
        metrics = {*BUILT_IN_METRICS, *info.data.get("metrics", {})}
        check_tree(tree, metrics, info.data.get("experiments", {}))
        return tree

    @field_validator("roadmap")
    @classmethod
    def _different_names(cls, items: tuple[RoadmapItem, ...]) -> tuple[RoadmapItem, ...]:
        names = [item.name for item in items]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two items are named {shown(name)}")
        return items

    @model_validator(mode="after")
    def _segments_have_one_meaning(self) -> Self:
        known = dict(segment_of(text) for text in self.product.segments)
        for name, funnel in self.funnels.items():
            for segment, sql in (segment_of(text) for text in funnel.segments):
                if known.get(segment, sql) != sql:
                    raise ValueError(
                        f"funnel {shown(name)}: {shown(segment)} is a segment of the product too, "
                        "of another value"
                    )
        return self
