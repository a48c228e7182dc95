"""The last result of a table in a few rows, for those who open its page and nothing else.

Belongs here: which tables have one, and reading it. Does not belong here: Dagster, or any number
that the table does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

QUERIES = Path(__file__).with_name("sql")
PLOTTED: Mapping[str, str | None] = {
    "experiments.decisions.last": None,
    "experiments.hypotheses.last": None,
    "funnels.conversion.last": "rate_from_start",
    "goals.anomalies.last": None,
    "goals.problems.last": None,
    "goals.progress.last": "value",
    "goals.roadmap.last": None,
    "lifecycle.product_stages.last": "active_users",
    "quality.restatements.last": None,
}
"""Queries by name, and the column of each that is a key figure of the row's first column."""


@dataclass(frozen=True)
class Answer:
    """Some rows of a table, and those of its figures that are worth a plot over the runs."""

    rows: list[dict[str, Any]]
    figures: dict[str, float]


def answer(connection: duckdb.DuckDBPyConnection, table: str) -> Answer | None:
    """Return the last result of ``schema.table``; None without one."""
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
