"""Pictures as metadata of a materialization.

Belongs here: the words of Dagster. Does not belong here: which pictures there are.
"""

from __future__ import annotations

import dagster as dg
import duckdb

from pm_pipeline.catalog.pictures import pictures


def shown_pictures(
    connection: duckdb.DuckDBPyConnection, key: dg.AssetKey
) -> dict[str, dg.MarkdownMetadataValue]:
    """Return the pictures of a table, read from the warehouse that ``connection`` has open."""
    return {
        name: dg.MetadataValue.md(text)
        for name, text in pictures(connection, ".".join(key.path)).items()
    }
