"""A result table: declared once, created with its comments, shown with its columns.

Belongs here: the declaration of a table that Python fills, and writing it. Does not belong here:
what any table holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

TEMPLATES = Path(__file__).with_name("sql")


@dataclass(frozen=True)
class Column:
    """A column: ``kind`` is its DuckDB type, and ``required`` says that it always holds a value."""

    name: str
    kind: str
    description: str
    required: bool = False


@dataclass(frozen=True)
class ResultTable:
    """A published table that is written as a whole by every run."""

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def path(self) -> list[str]:
        """Return schema and table, which are the asset's key too."""
        return [self.schema, self.name]

    def write(self, connection: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[Any]]) -> None:
        """Replace the table by ``rows``, whose values are in the order of the columns."""
        by_column = zip(*rows, strict=True) if rows else ([] for _ in self.columns)
        values = pa.table(
            {column.name: list(column_values) for column, column_values in
             zip(self.columns, by_column, strict=True)}
        )  # fmt: skip
        connection.execute("begin")
        for statement in duckdb.extract_statements(_render("create_table", table=self)):
            connection.execute(statement)
        connection.register("result_rows", values)
        connection.execute(_render("insert_rows", table=self))
        connection.unregister("result_rows")
        connection.execute("commit")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined
    )
    environment.filters["ident"] = _identifier
    environment.filters["lit"] = _literal
    return environment


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(f"{name}.sql").render(**values)
