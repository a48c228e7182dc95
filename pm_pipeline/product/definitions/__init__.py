"""What ``product.yml`` says, as the tables that dbt reads, and as fingerprints.

Belongs here: the rows of the schema ``definitions``, one module a family of named definitions, and
the hashes by which a run knows that a definition changed. Does not belong here: writing to a
database (the caller does).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.fingerprints import (
    base_sha256,
    definitions_sha256,
    exclude_sql,
    ingest_rules_sha256,
    named_sha256s,
)
from pm_pipeline.product.definitions.registry import definition_tables, property_columns
from pm_pipeline.product.definitions.table import Table, Value

__all__ = [
    "Table", "Value", "base_sha256", "definition_tables", "definitions_sha256", "exclude_sql",
    "ingest_rules_sha256", "named_sha256s", "property_columns",
]  # fmt: skip
