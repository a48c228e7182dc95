"""Retentions as definitions: who starts, who has come back, and in which periods.

Belongs here: the family ``retention``. Does not belong here: what is counted of it (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table, condition_sql, event_or_any
from pm_pipeline.product.models import Product


def retention_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``retentions``, a row each, and ``retention_brackets``.

    An event that is NULL stands for any event, a condition that is NULL for none.
    """
    retentions = sorted(product.retention.items())
    return {
        "retentions": Table(
            (
                ("retention_name", "VARCHAR"), ("start_event", "VARCHAR"),
                ("start_where", "VARCHAR"), ("is_first_time", "BOOLEAN"),
                ("return_event", "VARCHAR"), ("return_where", "VARCHAR"), ("at_least", "BIGINT"),
                ("interval", "VARCHAR"), ("periods", "BIGINT"), ("clock", "VARCHAR"),
            ),
            tuple(
                (
                    name, event_or_any(retention.start.event),
                    condition_sql(retention.start.where, dialect), retention.start.first_time,
                    event_or_any(retention.return_.event),
                    condition_sql(retention.return_.where, dialect), retention.return_.at_least,
                    retention.interval, retention.periods, retention.clock,
                )
                for name, retention in retentions
            ),
        ),
        "retention_brackets": Table(
            (
                ("retention_name", "VARCHAR"), ("first_period", "BIGINT"),
                ("last_period", "BIGINT"),
            ),
            tuple(
                (name, first, last)
                for name, retention in retentions
                for first, last in sorted(retention.brackets)
            ),
        ),
    }  # fmt: skip
