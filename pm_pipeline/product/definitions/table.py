"""The shape of a table that is handed to dbt.

Belongs here: columns and rows, nothing else. Does not belong here: what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """A table: its columns as (name, DuckDB type), and its rows in a fixed order."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]


def seconds(duration: timedelta) -> int:
    """Return a duration as the whole seconds that a table holds."""
    return int(duration.total_seconds())
