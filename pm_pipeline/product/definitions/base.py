"""The settings that every model rests on: any change of them rebuilds everything.

Belongs here: the product's clock, sessions, active events, identity and break-downs. Does not
belong here: definitions with a name of their own (a module a family).
"""

from __future__ import annotations

from datetime import timedelta

from pm_pipeline.product.definitions.cohorts import segment_cohort_tables
from pm_pipeline.product.definitions.table import Table, seconds
from pm_pipeline.product.expressions import segment_of
from pm_pipeline.product.models import Product


def base_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the product's settings, its break-downs and the cohorts among them, as tables."""
    settings, identity = product.product, product.identity
    timeouts = session_timeouts(product)
    active = settings.active_events
    segments = [segment_of(text, dialect) for text in settings.segments]
    return {
        "product": Table(
            (
                ("timezone", "VARCHAR"),
                ("week_starts_on", "VARCHAR"), ("session_timeout_seconds", "BIGINT"),
                ("anonymous_window_seconds", "BIGINT"), ("max_links", "BIGINT"),
                ("all_events_active", "BOOLEAN"),
            ),
            ((
                settings.timezone, settings.week_starts_on,
                timeouts[None], seconds(identity.anonymous_window), identity.max_links,
                active is None,
            ),),
        ),
        "session_timeouts": Table(
            (("platform", "VARCHAR"), ("timeout_seconds", "BIGINT")),
            tuple(sorted((name, length) for name, length in timeouts.items() if name)),
        ),
        "active_events": Table(
            (("event_name", "VARCHAR"),), tuple((name,) for name in sorted(active or ()))
        ),
        "segments": Table(
            (("segment_name", "VARCHAR"), ("position", "BIGINT"), ("expression", "VARCHAR")),
            tuple(
                (name, position, sql) for position, (name, sql) in enumerate(segments, start=1)
            ),
        ),
        **segment_cohort_tables(product, dialect),
    }  # fmt: skip


def session_timeouts(product: Product) -> dict[str | None, int]:
    """Return the seconds of each platform (in lower case) that has its own; None is the default."""
    written = product.product.session_timeout
    if isinstance(written, timedelta):
        return {None: seconds(written)}
    return {
        None if platform == "default" else platform.lower(): seconds(length)
        for platform, length in written.items()
    }
