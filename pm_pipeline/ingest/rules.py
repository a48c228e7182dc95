"""What ingest must know of a product: its sources and the rules applied to each record.

Belongs here: the plain values that steer ingest and how they are taken from a product. Does not
belong here: reading ``product.yml`` or checking it (room ``product``), nor carrying the rules out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from pm_pipeline.product import (
    Product,
    Source,
    exclude_sql,
    ingest_rules_sha256,
    property_columns,
)

# Raised when the same bytes under the same product.yml would give other rows than before, so that
# homes written by an earlier version are read again.
READER_VERSION = 1

CANONICAL_COLUMNS = (
    "event_id",
    "user_id",
    "device_id",
    "session_id",
    "event_name",
    "event_time",
    "received_at",
    "platform",
    "country",
    "app_version",
)
EPOCH_FORMATS = ("epoch_s", "epoch_ms", "epoch_us")
ALL_PROPERTIES = "*"


@dataclass(frozen=True)
class ColumnRule:
    """Where one canonical column comes from: a column of the file, or a constant ``value``.

    ``format`` is one of ``epoch_s``, ``epoch_ms``, ``epoch_us``, ``iso8601`` or a strptime
    pattern, and ``timezone`` an IANA name for times without an offset; both only for times.
    """

    column: str | None = None
    value: str | None = None
    format: str | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class SourceRules:
    """One entry of ``sources``: which files, how they are read, what each column means."""

    name: str
    path: str
    format: str
    columns: Mapping[str, ColumnRule]
    id_space: str | None = None
    delimiter: str = ","
    properties: tuple[str, ...] | str = ()
    rules_sha256: str = ""

    @property
    def key_space(self) -> str:
        """The space in which event ids of this source are compared."""
        return self.id_space or self.name

    @property
    def applied_sha256(self) -> str:
        """A hash of all that decides what a file's bytes become, this reader included."""
        return hashlib.sha256(f"{READER_VERSION}:{self.rules_sha256}".encode()).hexdigest()


@dataclass(frozen=True)
class IngestRules:
    """All that ingest must know of a product.

    ``earliest_event`` is an instant (aware). ``exclude_sql`` is a boolean SQL expression over the
    event columns, or ``None``; records for which it is true are kept apart from the events.
    ``property_columns`` are columns that files get beside ``properties``, by name their SQL: what
    definitions read of every event is looked for in its JSON once.
    """

    sources: tuple[SourceRules, ...]
    earliest_event: datetime
    ignore_ids: tuple[str, ...] = ()
    exclude_sql: str | None = None
    property_columns: Mapping[str, str] = field(default_factory=dict)


def ingest_rules(product: Product) -> IngestRules:
    """Return what a product says about its files; ``earliest_event`` is a day of its zone."""
    settings = product.product
    first_day = datetime.combine(settings.earliest_event, time(), ZoneInfo(settings.timezone))
    earliest_event = first_day.astimezone(UTC)
    return IngestRules(
        sources=tuple(_source_rules(product, source, earliest_event) for source in product.sources),
        earliest_event=earliest_event,
        ignore_ids=tuple(product.identity.ignore_ids),
        exclude_sql=exclude_sql(product),
        property_columns=property_columns(product),
    )


def _source_rules(product: Product, source: Source, earliest_event: datetime) -> SourceRules:
    columns = {}
    for name in CANONICAL_COLUMNS:
        origin = getattr(source.columns, name, None)
        if origin is not None:
            columns[name] = ColumnRule(
                column=origin.column,
                value=getattr(origin, "value", None),
                format=getattr(origin, "format", None),
                timezone=getattr(origin, "timezone", None),
            )
    # The day of earliest_event begins elsewhere when the product's zone changes.
    rules = f"{ingest_rules_sha256(product, source)}:{earliest_event.isoformat()}"
    return SourceRules(
        name=source.name,
        path=source.path,
        format=source.format,
        columns=columns,
        id_space=source.id_space,
        delimiter=source.csv_delimiter,
        properties=ALL_PROPERTIES if source.properties is None else source.properties,
        rules_sha256=hashlib.sha256(rules.encode()).hexdigest(),
    )
