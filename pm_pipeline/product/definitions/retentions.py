"""Retentions as definitions: who starts, who has come back, in which periods, and what is summed.

Belongs here: the families ``retention`` and ``followed_metric``. Does not belong here: what is
counted of them (dbt).
"""

from __future__ import annotations

import json

from pm_pipeline.product.definitions.metrics import metric_tables
from pm_pipeline.product.definitions.table import DOCUMENT, Table, condition_sql, event_or_any
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


def followed_metric_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``followed_metrics``: which metrics are summed by age in which retention.

    ``rests_on`` is all that the sums rest on, so that a change of either definition is one here.
    """
    retentions = retention_tables(product, dialect)["retentions"].rows
    metrics = metric_tables(product, dialect)["metrics"].rows
    return {
        "followed_metrics": Table(
            (
                ("followed_name", "VARCHAR"), ("retention_name", "VARCHAR"),
                ("metric_name", "VARCHAR"), ("direction", "VARCHAR"), ("rests_on", DOCUMENT),
            ),
            tuple(
                (
                    f"{retention[0]}/{metric[0]}", retention[0], metric[0],
                    product.metrics[str(metric[0])].direction,
                    json.dumps([retention, metric]),
                )
                for retention in retentions
                for metric in metrics
                if _is_followed(product, str(retention[0]), str(metric[0]))
            ),
        ),
    }  # fmt: skip


def _is_followed(product: Product, retention: str, metric: str) -> bool:
    chosen = product.retention[retention].metrics
    if chosen is None:
        return product.metrics[metric].not_summed_because is None
    return metric in chosen
