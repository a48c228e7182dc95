"""Metrics as definitions: which events count, what each adds, and how a user's window sums up.

Belongs here: the family ``metric``, and what a metric of any kind is made of. Does not belong here:
what is counted of it (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.funnels import funnel_tables
from pm_pipeline.product.definitions.table import Table, condition_sql, event_or_any
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product
from pm_pipeline.product.models.behaviour import Metric


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
                    number(metric.value), metric.aggregate, _cap(metric, percent=False),
                )
                for name, metric in sorted(product.metrics.items())
                if metric.event is not None
            ),
        ),
    }  # fmt: skip


def metric_kind_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``metric_kinds``: a row per metric, whatever it is made of.

    ``kind`` is events, ratio, retention or funnel; the columns of the other kinds are NULL.
    ``cap_percentile`` (0-1) caps at that percentile of the users' values, ``cap`` at a value.
    ``step_index`` counts all steps of the funnel from 1.
    """
    del dialect  # names and numbers are no expressions
    return {
        "metric_kinds": Table(
            (
                ("metric_name", "VARCHAR"), ("kind", "VARCHAR"), ("direction", "VARCHAR"),
                ("cap", "DOUBLE"), ("cap_percentile", "DOUBLE"), ("numerator", "VARCHAR"),
                ("denominator", "VARCHAR"), ("retention_name", "VARCHAR"),
                ("period_index", "BIGINT"), ("funnel_name", "VARCHAR"), ("step_index", "BIGINT"),
            ),
            tuple(
                (
                    name, metric.kind, metric.direction, _cap(metric, percent=False),
                    _cap(metric, percent=True), metric.numerator, metric.denominator,
                    metric.retention, metric.period, metric.funnel, step_index(product, metric),
                )
                for name, metric in sorted(product.metrics.items())
            ),
        ),
    }  # fmt: skip


def rate_metric_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``rate_metrics``: a row per metric that is a ratio, a retention or a step.

    With all that tells on which product day a value of it is known: ``known_after_days`` counts
    from the day of entry into a funnel, or from the first day of a cohort.
    """
    funnels = {row[0]: row for row in funnel_tables(product, dialect)["funnels"].rows}
    columns = [name for name, _ in funnel_tables(product, dialect)["funnels"].columns]
    reach = columns.index("reach_days")
    rows = []
    for name, metric in sorted(product.metrics.items()):
        if metric.kind == "events":
            continue
        retention = product.retention.get(metric.retention or "")
        known_after = None
        if metric.kind == "funnel":
            known_after = funnels[str(metric.funnel)][reach]
        elif retention is not None:
            known_after = ((metric.period or 0) + 1) * retention.rolling_days
        rows.append(
            (
                name, metric.kind, metric.numerator, metric.denominator,
                metric.retention, retention.interval if retention else None,
                retention.clock if retention else None, metric.period,
                metric.funnel, step_index(product, metric), known_after,
            )
        )  # fmt: skip
    return {
        "rate_metrics": Table(
            (
                ("metric_name", "VARCHAR"), ("kind", "VARCHAR"), ("numerator", "VARCHAR"),
                ("denominator", "VARCHAR"), ("retention_name", "VARCHAR"),
                ("interval", "VARCHAR"), ("clock", "VARCHAR"), ("period_index", "BIGINT"),
                ("funnel_name", "VARCHAR"), ("step_index", "BIGINT"),
                ("known_after_days", "BIGINT"),
            ),
            tuple(rows),
        ),
    }  # fmt: skip


def _cap(metric: Metric, *, percent: bool) -> float | None:
    return metric.cap.value if metric.cap and metric.cap.is_percent is percent else None


def step_index(product: Product, metric: Metric) -> int | None:
    """Return the place of a metric's step among all steps of its funnel, from 1."""
    if metric.funnel is None:
        return None
    names = [step.name for step in product.funnels[metric.funnel].steps]
    return names.index(str(metric.step)) + 1
