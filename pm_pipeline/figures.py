"""The figures of the last week, as every summary shows them.

Belongs here: reading them from the marts. Does not belong here: how they look on a terminal, in
the catalog or in the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

QUERY = Path(__file__).with_name("figures.sql")


@dataclass(frozen=True)
class Figure:
    """One figure of the seven product days ending ``last_date``, and of the seven before."""

    name: str
    last_date: date
    value: int
    value_before: int | None
    """None when there is no day that long ago."""


def last_week(connection: duckdb.DuckDBPyConnection) -> list[Figure]:
    """Return active people, new people, sessions and events; empty without events."""
    rows = connection.execute(QUERY.read_text(encoding="utf-8")).fetchall()
    return [Figure(*row) for row in rows]
