"""The room ``product``: ``product.yml`` and nothing else.

Belongs here: its models, loading it with line numbers, checking and rendering its expressions, its
JSON Schema, and the tables that hand it to dbt. Does not belong here: Dagster, dbt, other files.
"""

from __future__ import annotations

from pm_pipeline.product.definitions import (
    Table,
    Value,
    base_sha256,
    definition_tables,
    definitions_sha256,
    exclude_sql,
    ingest_rules_sha256,
    named_sha256s,
    property_columns,
)
from pm_pipeline.product.expressions import (
    CompiledExpression,
    ExpressionError,
    compile_expression,
    segment_of,
)
from pm_pipeline.product.faults import Fault, ProductFileError
from pm_pipeline.product.loading import load_product
from pm_pipeline.product.models import ColumnMap, Product, Source, TextColumn, TimeColumn

__all__ = [
    "ColumnMap", "CompiledExpression", "ExpressionError", "Fault", "Product",
    "ProductFileError", "Source", "Table", "TextColumn", "TimeColumn", "Value", "base_sha256",
    "compile_expression", "definition_tables", "definitions_sha256", "exclude_sql",
    "ingest_rules_sha256", "load_product", "named_sha256s", "property_columns", "segment_of",
]  # fmt: skip
