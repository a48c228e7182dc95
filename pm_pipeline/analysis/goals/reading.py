"""Goals and the series of their metrics, read from the definitions and the marts.

Belongs here: queries over aggregates, and their rows as typed values. Does not belong here: what
is concluded of them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pm_pipeline.analysis.goals.progress import Goal
from pm_pipeline.analysis.goals.series import KINDS, SHARES, Kind, Series
from pm_pipeline.analysis.goals.tree import Node, tree_of

QUERIES = Path(__file__).with_name("sql")


def read_goals(connection: duckdb.DuckDBPyConnection) -> list[Goal]:
    """Return the goals of ``product.yml``."""
    return [Goal(*row) for row in query_rows(connection, "goals")]


def read_series(connection: duckdb.DuckDBPyConnection) -> dict[str, Series]:
    """Return every metric's series by name; none when there is no day at all."""
    ((last_date, is_sunday),) = query_rows(connection, "calendar")
    if last_date is None:
        return {}
    values: dict[str, dict[date, float]] = defaultdict(dict)
    parts: dict[str, dict[date, tuple[float, float]]] = defaultdict(dict)
    for name, day, value, above, below in query_rows(connection, "metric_values"):
        if value is not None:
            values[name][day] = value
        if below is not None:
            parts[name][day] = (above, below)
    own = query_rows(connection, "own_metrics")
    kinds: list[tuple[str, Kind, float | None, int]] = [
        *((name, kind, 1.0 if name in SHARES else None, 1) for name, kind in KINDS.items()), *own
    ]  # fmt: skip
    return {
        name: Series(name, kind, values[name], last_date, is_sunday, parts[name], upper, step_days)
        for name, kind, upper, step_days in kinds
    }


def read_tree(connection: duckdb.DuckDBPyConnection) -> dict[str, Node]:
    """Return the nodes of the metric tree of ``product.yml``."""
    return tree_of(query_rows(connection, "metric_tree"))


def query_rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query of ``sql/``."""
    return connection.execute((QUERIES / f"{query}.sql").read_text(encoding="utf-8")).fetchall()
