"""Which columns each column of a model is made from, read from the SQL that dbt compiled.

Belongs here: reading compiled SQL, and keeping the answer while neither code nor definitions
change. Does not belong here: Dagster; running any SQL of a model.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from sqlglot.schema import Schema

Lineage = dict[str, dict[str, list[list[str]]]]
"""By model, by column: schema, table and column of each column that it is made from."""
LAKE = ("lake", "events")
"""What SQL that reads files, and no table, is made from."""


def column_lineage(
    manifest: Path, compiled: Path, connection: duckdb.DuckDBPyConnection, *, kept_as: Path
) -> Lineage:
    """Return the lineage of every model with SQL in dbt's folder ``compiled``, by its unique id.

    ``kept_as`` holds the answer of an earlier run with the same code and definitions; it is written
    when it is not there, and its older siblings are removed.
    """
    if kept_as.exists():
        kept: Lineage = json.loads(kept_as.read_text(encoding="utf-8"))
        return kept
    nodes = json.loads(manifest.read_bytes())["nodes"]
    tables = _readable_tables(connection)
    lineage: Lineage = {}
    for key, node in nodes.items():
        file = compiled / node["package_name"] / node["original_file_path"]
        if node["resource_type"] == "model" and file.is_file():
            lineage[key] = trace(file.read_text(encoding="utf-8"), tables)
    kept_as.parent.mkdir(parents=True, exist_ok=True)
    for older in kept_as.parent.glob("*.json"):
        older.unlink()
    unfinished = kept_as.with_name(f"{kept_as.name}.{os.getpid()}.part")
    unfinished.write_text(json.dumps(lineage), encoding="utf-8")
    unfinished.replace(kept_as)
    return lineage


def trace(sql: str, tables: Schema) -> dict[str, list[list[str]]]:
    """Return by column of one SELECT: schema, table and column of its leaves, sorted.

    ``tables`` are those that the SELECT may read. A column made from no column, such as a constant,
    is left out. SQL that cannot be followed has no lineage: the catalog then shows none, rather
    than a wrong one.
    """
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    try:
        # Trimming would copy the whole SELECT for each of its columns, for a picture nobody draws.
        roots = lineage(None, sql, tables, dialect="duckdb", copy=False, trim_selects=False)
    except (SqlglotError, ValueError):  # the latter where a column cannot be found
        return {}
    leaves = {name: sorted(set(_leaves(root))) for name, root in roots.items()}
    return {name: [list(leaf) for leaf in found] for name, found in leaves.items() if found}


def _leaves(root: Any) -> Iterator[tuple[str, str, str]]:
    from sqlglot import exp

    for node in root.walk():
        table = node.expression
        if not node.downstream and isinstance(table, exp.Table):
            place = (table.db, table.name) if table.name else LAKE
            yield *place, node.name.rpartition(".")[2].strip('"')


def _readable_tables(connection: duckdb.DuckDBPyConnection) -> Schema:
    from sqlglot.schema import MappingSchema

    found: dict[str, Any] = {}
    for catalog, schema, table, column, kind in connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type"
        " from duckdb_columns() where not internal"
    ).fetchall():
        tables = found.setdefault(catalog, {}).setdefault(schema, {})
        tables.setdefault(table, {})[column] = kind
    return MappingSchema(found, dialect="duckdb")
