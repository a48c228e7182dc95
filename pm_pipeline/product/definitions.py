"""What ``product.yml`` says, as the tables that dbt reads, and as fingerprints.

Belongs here: the rows of the schema ``definitions``, the rendered expressions that ingest applies,
and the hashes by which a run knows that a definition changed. Does not belong here: writing to a
database (the caller does).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pm_pipeline.product.expressions import compile_expression, segment_of
from pm_pipeline.product.models import Product, Source

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """A table: its columns as (name, DuckDB type), and its rows in a fixed order."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]


def definition_tables(product: Product, dialect: str = "duckdb") -> dict[str, Table]:
    """Return the tables of the schema ``definitions`` by name."""
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
                timeouts[None], _seconds(identity.anonymous_window), identity.max_links,
                active is None,
            ),),
        ),
        "session_timeouts": Table(
            (("platform", "VARCHAR"), ("timeout_seconds", "BIGINT")),
            tuple(sorted((name, seconds) for name, seconds in timeouts.items() if name)),
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
        "features": Table(
            (("feature_name", "VARCHAR"), ("event_name", "VARCHAR")),
            tuple(sorted(
                (name, event)
                for name, feature in product.features.items() for event in feature.events
            )),
        ),
    }  # fmt: skip


def session_timeouts(product: Product) -> dict[str | None, int]:
    """Return the seconds of each platform (in lower case) that has its own; None is the default."""
    written = product.product.session_timeout
    if isinstance(written, timedelta):
        return {None: _seconds(written)}
    return {
        None if platform == "default" else platform.lower(): _seconds(length)
        for platform, length in written.items()
    }


def exclude_sql(product: Product, dialect: str = "duckdb") -> str | None:
    """Return one condition over the lake's columns, never NULL: is the event excluded?

    None when nothing is excluded. An expression that is NULL for an event does not exclude it.
    """
    rendered = [
        compile_expression(text, kind="boolean", dialect=dialect).sql for text in product.exclude
    ]
    return " OR ".join(f"COALESCE({sql}, FALSE)" for sql in rendered) or None


def definitions_sha256(product: Product) -> str:
    """Return the fingerprint of everything that the transform reads."""
    tables = definition_tables(product)
    return _sha256({name: [table.columns, table.rows] for name, table in tables.items()})


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


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _sha256(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
