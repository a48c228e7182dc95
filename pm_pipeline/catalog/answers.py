"""The last result of a table in a few rows, for those who open its page and nothing else.

Belongs here: which of its figures are plotted over the runs, and reading it. Does not belong here:
Dagster, or any number that the table does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

QUERIES = Path(__file__).with_name("sql")
PLOTTED: Mapping[str, str | None] = {
    "core.cohort_memberships.last": None,
    "core.events.last": None,
    "core.identities.last": None,
    "core.sessions.last": None,
    "core.user_days.last": None,
    "core.user_personas.last": None,
    "core.user_segments.last": None,
    "core.users.last": "people",
    "engagement.active_users.last": "value",
    "engagement.attribution.last": None,
    "engagement.calendar_active_users.last": "active_users",
    "engagement.event_matrix.last": None,
    "engagement.event_usage.last": None,
    "engagement.feature_adoption.last": "adoption_rate",
    "engagement.path_edges.last": None,
    "engagement.power_user_curve.last": None,
    "engagement.session_lengths.last": None,
    "experiments.decisions.last": None,
    "experiments.exposures.last": "units",
    "experiments.health.last": None,
    "experiments.hypotheses.last": None,
    "experiments.overlaps.last": None,
    "experiments.reach.last": None,
    "experiments.results.last": "difference",
    "experiments.sufficient_statistics.last": None,
    "experiments.timeline.last": None,
    "funnels.attempts.last": None,
    "funnels.conversion.last": "rate_from_start",
    "goals.anomalies.last": None,
    "goals.metric_tree.last": None,
    "goals.metric_values.last": None,
    "goals.problems.last": None,
    "goals.progress.last": "value",
    "goals.roadmap.last": None,
    "goals.survey_scores.last": "score",
    "goals.trajectory.last": None,
    "growth.accounting.last": "active",
    "lifecycle.cohort_return.last": None,
    "lifecycle.exclusive_use.last": None,
    "lifecycle.product_stages.last": "active_users",
    "lifecycle.survival.last": None,
    "lifecycle.user_stage_flows.last": None,
    "lifecycle.user_stages.last": "people",
    "quality.check_results.last": None,
    "quality.ingested_files.last": None,
    "quality.publications.last": None,
    "quality.rejected_records.last": "records",
    "quality.restatements.last": None,
    "retention.brackets.last": None,
    "retention.cohorts.last": None,
    "retention.curve.last": "retained_rate",
    "retention.usage_intervals.last": None,
    "retention.value_by_age.last": None,
}
"""Queries by name, and the column of each that is a key figure of the row's first column."""


@dataclass(frozen=True)
class Answer:
    """Some rows of a table, and those of its figures that are worth a plot over the runs."""

    rows: list[dict[str, Any]]
    figures: dict[str, float]


def answer(connection: duckdb.DuckDBPyConnection, table: str) -> Answer | None:
    """Return the last result of ``schema.table``; None without one.

    Of tables that hold people or raw records only counts are asked: what is shown stays in the
    history of runs, where nobody can be forgotten.
    """
    query = QUERIES / f"{table}.last.sql"
    if query.stem not in PLOTTED:
        return None
    found = connection.execute(query.read_text(encoding="utf-8"))
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not rows:
        return None
    plotted = PLOTTED[query.stem]
    figures = {
        str(row[names[0]]): float(row[plotted])
        for row in rows
        if plotted is not None and row[plotted] is not None
    }
    return Answer(rows, figures)
