"""Fingerprints: by them a run knows what changed in ``product.yml``, and what that concerns.

Belongs here: hashes of definitions and of the rules of ingest. Does not belong here: the
definitions' tables (``registry.py``), what is done about a change (the transform, ingest).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any

from pm_pipeline.product.definitions.base import base_tables
from pm_pipeline.product.definitions.registry import FAMILIES, definition_tables
from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product, Source

DIALECT = "duckdb"


def exclude_sql(product: Product, dialect: str = DIALECT) -> str | None:
    """Return one condition over the lake's columns, never NULL: is the event excluded?

    None when nothing is excluded. An expression that is NULL for an event does not exclude it.
    """
    rendered = [
        compile_expression(text, kind="boolean", dialect=dialect).sql for text in product.exclude
    ]
    return " OR ".join(f"COALESCE({sql}, FALSE)" for sql in rendered) or None


def definitions_sha256(product: Product) -> str:
    """Return the fingerprint of everything that the transform reads."""
    return _sha256(_content(definition_tables(product)))


def base_sha256(product: Product) -> str:
    """Return the fingerprint of the settings that every model rests on."""
    return _sha256(_content(base_tables(product, DIALECT)))


def named_sha256s(product: Product) -> dict[tuple[str, str], str]:
    """Return the fingerprint of each named definition by (kind, name)."""
    rows: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for kind, tables in FAMILIES.items():
        for table_name, table in tables(product, DIALECT).items():
            for row in table.rows:
                rows[kind, str(row[0])].append([table_name, row])
    return {definition: _sha256(content) for definition, content in rows.items()}


def ingest_rules_sha256(product: Product, source: Source) -> str:
    """Return the fingerprint of the rules that a file of this source is ingested by.

    Its own entry, the ids that are ignored, the events that are excluded and the earliest event;
    a default that is written out changes nothing.
    """
    entry = source.model_dump(mode="json")
    entry["id_space"] = source.event_id_space
    entry["delimiter"] = source.csv_delimiter
    return _sha256(
        {
            "source": entry,
            "ignore_ids": sorted(product.identity.ignore_ids),
            "exclude": exclude_sql(product),
            "earliest_event": product.product.earliest_event.isoformat(),
        }
    )


def _content(tables: dict[str, Table]) -> dict[str, Any]:
    return {name: [table.columns, table.rows] for name, table in tables.items()}


def _sha256(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
