"""What the report tells beyond counts: goals, anomalies, funnels, retention, stages, the way.

Belongs here: reading those tables, each only where it is published. Does not belong here: wording,
or anything about the page's looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

Row = dict[str, Any]

TABLES = {
    "goals": "goals.progress",
    "trajectory": "goals.trajectory",
    "metric_tree": "goals.metric_tree",
    "anomalies": "goals.anomalies",
    "expected": "goals.anomalies",
    "funnels": "funnels.conversion",
    "retention_cells": "retention.cohorts",
    "retention_curves": "retention.curve",
    "stages": "lifecycle.product_stages",
    "adoption": "engagement.feature_adoption",
    "flows": "lifecycle.user_stage_flows",
    "survey_scores": "goals.survey_scores",
    "problems": "goals.problems",
    "hypotheses": "experiments.hypotheses",
    "roadmap": "goals.roadmap",
    "experiment_decisions": "experiments.decisions",
    "experiment_results": "experiments.results",
    "experiment_health": "experiments.health",
    "experiment_timeline": "experiments.timeline",
    "experiments": "experiments.decisions",
}
"""By statement of ``sql/report``, the table that it reads."""


@dataclass(frozen=True)
class Story:
    """Rows of the published tables; a table that is not there has none."""

    goals: list[Row] = field(default_factory=list)
    trajectory: list[Row] = field(default_factory=list)
    metric_tree: list[Row] = field(default_factory=list)
    anomalies: list[Row] = field(default_factory=list)
    expected: list[Row] = field(default_factory=list)
    funnels: list[Row] = field(default_factory=list)
    retention_cells: list[Row] = field(default_factory=list)
    retention_curves: list[Row] = field(default_factory=list)
    stages: list[Row] = field(default_factory=list)
    adoption: list[Row] = field(default_factory=list)
    flows: list[Row] = field(default_factory=list)
    survey_scores: list[Row] = field(default_factory=list)
    problems: list[Row] = field(default_factory=list)
    hypotheses: list[Row] = field(default_factory=list)
    roadmap: list[Row] = field(default_factory=list)
    experiment_decisions: list[Row] = field(default_factory=list)
    experiment_results: list[Row] = field(default_factory=list)
    experiment_health: list[Row] = field(default_factory=list)
    experiment_timeline: list[Row] = field(default_factory=list)
    experiments: list[Row] = field(default_factory=list)

    @property
    def last_stages(self) -> list[Row]:
        """The stage of each subject in its last complete week, the product first."""
        last = {(row["subject_kind"], row["subject_name"]): row for row in self.stages}
        return list(last.values())


def read_story(rows: Callable[[str], list[Row]]) -> Story:
    """Return the story; ``rows`` runs a statement of ``sql/report`` by name."""
    published = {row["table_name"] for row in rows("published_tables")}
    return Story(
        **{each.name: rows(each.name) for each in fields(Story) if TABLES[each.name] in published}
    )
