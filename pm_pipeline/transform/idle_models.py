"""Which models have nothing to do: of a kind that product.yml defines none of, and empty already.

A model says in dbt_project.yml by its tag which kind of definition it is about. Belongs here: the
question whether a run may leave out all models of a kind. Does not belong here: leaving them out.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb


def idle_models(manifest: Path, database: Path, defined_kinds: Collection[str]) -> dict[str, str]:
    """Return unique ids of models with the kind that none is defined of.

    A kind is idle when product.yml has no definition of it and each of its tables is there without
    a row: what was defined before and has left rows, in a run that was killed too, is built again.
    """
    nodes: dict[str, Any] = json.loads(manifest.read_bytes())["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    kinds = {tag for node in models.values() for tag in node["tags"]} - set(defined_kinds)
    rows = _row_counts(database)
    idle: dict[str, str] = {}
    for kind in sorted(kinds):
        members = {key: node for key, node in models.items() if kind in node["tags"]}
        tables = [node for node in members.values() if node["config"]["materialized"] != "view"]
        if all(rows.get((node["schema"], node["name"])) == 0 for node in tables):
            idle |= dict.fromkeys(members, kind)
    return idle


def _row_counts(database: Path) -> dict[tuple[str, str], int]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
    return {(schema, table): count for schema, table, count in rows}
