"""Paths as definitions: the event they leave from or lead to, how far they reach, what is kept.

Belongs here: the family ``path``. Does not belong here: what is counted of it (dbt).
"""

from __future__ import annotations

from datetime import timedelta

from pm_pipeline.product.definitions.table import Table, Value, seconds
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product
from pm_pipeline.product.models.paths import UserPath


def path_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return ``paths``, a row per path, and ``path_events``: the events each keeps by name.

    ``event_name`` is NULL for any event, ``condition`` without one, ``within_seconds`` for a
    session; a path that keeps every event by name has no row of ``path_events``.
    """
    return {
        "paths": Table(
            (
                ("path_name", "VARCHAR"), ("direction", "VARCHAR"), ("event_name", "VARCHAR"),
                ("condition", "VARCHAR"), ("within_seconds", "BIGINT"), ("steps", "BIGINT"),
                ("interval", "VARCHAR"), ("collapse_repeats", "BOOLEAN"),
            ),
            tuple((name, *_row(path, dialect)) for name, path in sorted(product.paths.items())),
        ),
        "path_events": Table(
            (("path_name", "VARCHAR"), ("event_name", "VARCHAR")),
            tuple(
                (name, event)
                for name, path in sorted(product.paths.items())
                for event in sorted(path.events or ())
            ),
        ),
    }  # fmt: skip


def _row(path: UserPath, dialect: str) -> tuple[Value, ...]:
    direction = "from" if path.from_ else "to" if path.to else "session"
    chosen = path.from_ or path.to
    condition = (
        compile_expression(chosen.where, kind="boolean", dialect=dialect).sql
        if chosen and chosen.where
        else None
    )
    return (
        direction,
        chosen.event if chosen and chosen.event != "any" else None,
        condition,
        seconds(path.within) if isinstance(path.within, timedelta) else None,
        path.steps,
        path.interval,
        path.collapse_repeats,
    )
