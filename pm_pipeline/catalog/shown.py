"""What the catalog shows of a table beside its rows, as metadata of a materialization.

Belongs here: the words of Dagster. Does not belong here: which pictures and answers there are.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import dagster as dg
import duckdb

from pm_pipeline.catalog.answers import answer
from pm_pipeline.catalog.pictures import pictures


def shown(connection: duckdb.DuckDBPyConnection, key: dg.AssetKey) -> dict[str, Any]:
    """Return pictures and last result of a table in the warehouse that ``connection`` reads.

    In the order in which the catalog shows them: what is seen at a glance comes first.
    """
    table = ".".join(key.path)
    drawn = {name: dg.MetadataValue.md(text) for name, text in pictures(connection, table).items()}
    metadata: dict[str, Any] = {name: drawn[name] for name in drawn if name == "trend"}
    found = answer(connection, table)
    if found is not None:
        records = [
            dg.TableRecord({name: _plain(value) for name, value in row.items()})
            for row in found.rows
        ]
        metadata["last result"] = dg.MetadataValue.table(records, _schema(found.rows))
    metadata |= drawn
    return metadata | (found.figures if found is not None else {})


def _schema(rows: list[dict[str, Any]]) -> dg.TableSchema:
    """Return the columns in the order of the query; the catalog would order them by name."""
    return dg.TableSchema([dg.TableColumn(name, "string") for name in rows[0]])


def _plain(value: Any) -> str:
    """Return a value as people write it; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)
