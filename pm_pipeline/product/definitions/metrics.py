"""Metrics as definitions: which events count, what each adds, and how a user's window sums up.

Belongs here: the family ``metric``. Does not belong here: what is counted of it (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table, condition_sql, event_or_any
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product


def metric_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``metrics``: a row per metric over events.

    An event that is NULL stands for any event, a condition that is NULL for none, a value that is
    NULL for 1. ``cap`` is the largest value of a user in any window.
    """

    def number(text: str | None) -> str | None:
        return text and compile_expression(text, kind="number", dialect=dialect).sql

    return {
        "metrics": Table(
            (
                ("metric_name", "VARCHAR"), ("event", "VARCHAR"), ("condition", "VARCHAR"),
                ("value", "VARCHAR"), ("aggregate", "VARCHAR"), ("cap", "DOUBLE"),
            ),
            tuple(
                (
                    name, event_or_any(metric.event), condition_sql(metric.where, dialect),
                    number(metric.value), metric.aggregate, metric.cap and metric.cap.value,
                )
                for name, metric in sorted(product.metrics.items())
                if metric.event is not None
            ),
        ),
    }  # fmt: skip
