"""The shape of a table that is handed to dbt, and how the values of its cells are written.

Belongs here: columns and rows, nothing else. Does not belong here: what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pm_pipeline.product.expressions import compile_expression

Value = str | int | float | bool | None
DOCUMENT = "JSON"
"""The type of a column whose texts are documents: what looks like SQL in them is none."""


@dataclass(frozen=True)
class Table:
    """A table: its columns as (name, DuckDB type), and its rows in a fixed order."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]

    def texts(self, row: Sequence[Value]) -> Iterator[tuple[int, str]]:
        """Yield place and text of a row's cells that may be SQL or a name: no JSON documents."""
        for place, ((_, kind), cell) in enumerate(zip(self.columns, row, strict=True)):
            if isinstance(cell, str) and kind != DOCUMENT:
                yield place, cell


def seconds(duration: timedelta) -> int:
    """Return a duration as the whole seconds that a table holds."""
    return int(duration.total_seconds())


def event_or_any(name: str) -> str | None:
    """Return the name of an event; None for ``any``, which every event matches."""
    return None if name == "any" else name


def condition_sql(text: str | None, dialect: str) -> str | None:
    """Return a condition of the product file as SQL over the events' columns."""
    return None if text is None else compile_expression(text, kind="boolean", dialect=dialect).sql
