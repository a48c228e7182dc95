"""The snapshot: the working database becomes the published one, as a whole.

Belongs here: copy, swap, and the record of what was published. Does not belong here: any number
that the working database does not hold already.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pm_pipeline import __version__
from pm_pipeline.home import Home
from pm_pipeline.publish.restatements import DatedTable, Fingerprints, find_restatements
from pm_pipeline.state import open_state

QUERIES = Path(__file__).with_name("sql")
PRIVATE_SCHEMAS = ("definitions", "intermediate", "staging")
KEPT_PUBLICATIONS = 5
COMPACT_ABOVE = 1.5
"""A database file this many times larger than what lives in it is written anew."""


@dataclass(frozen=True)
class Publication:
    """What is published: by which run, of which instant, by which definitions."""

    run_id: str
    as_of: datetime
    published_at: datetime
    definitions_sha256: str
    code_sha256: str
    fingerprints: Fingerprints = field(default_factory=dict)
    """Of everything in ``product.yml`` that has one, by kind and name."""
    timezone: str = "UTC"

    def parameters(self) -> dict[str, object]:
        """Return the publication as parameters of the statements in ``sql/``; times naive UTC."""
        return {
            "run_id": self.run_id,
            "as_of": self.as_of.astimezone(UTC).replace(tzinfo=None),
            "published_at": self.published_at.astimezone(UTC).replace(tzinfo=None),
            "definitions_sha256": self.definitions_sha256,
            "code_sha256": self.code_sha256,
            "package_version": __version__,
            "kept": KEPT_PUBLICATIONS,
        }


def prepare_snapshot(
    home: Home,
    database: Path,
    publication: Publication,
    dated_tables: Collection[DatedTable] = (),
) -> Path:
    """Copy a checked database beside the published one, with its history tables; return the copy.

    Past numbers of ``dated_tables`` that are others than the published ones become restatements.
    Nobody reads the copy before ``publish_snapshot``; the report is made from it.
    """
    compact(database)
    copy = home.published_database.with_suffix(".duckdb.next")
    _copy_closed(database, copy)
    with duckdb.connect(str(copy)) as connection:
        _attach(connection, home.state_database, "state")
        _run_statements(connection, "add_history", publication)
        find_restatements(
            connection,
            home.published_database,
            dated_tables,
            publication=publication.parameters(),
            fingerprints=publication.fingerprints,
            timezone=publication.timezone,
        )
        connection.execute("detach state")
        for schema in PRIVATE_SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute("checkpoint")
    return copy


def publish_snapshot(home: Home, copy: Path, publication: Publication) -> None:
    """Put the copy in the published database's place in one step, then record it.

    A kill in between leaves a publication that is not recorded: the next run publishes again.
    """
    replace_durably(copy, home.published_database)
    with open_state(home) as state:
        _attach(state, home.published_database, "published")
        state.execute("begin")
        _run_statements(state, "record_publication", publication)
        for (kind, name), sha256 in publication.fingerprints.items():
            state.execute(
                "insert into publication_definitions values (?, ?, ?, ?)",
                [publication.run_id, kind, name, sha256],
            )
        state.execute("commit")


def export_portable(home: Home, target: Path) -> int:
    """Write one DuckDB file that holds the events themselves; return how many.

    Raises ``FileNotFoundError`` when nothing has been published and ``FileExistsError`` when the
    target exists.
    """
    if not home.published_database.exists():
        raise FileNotFoundError(home.published_database)
    if target.exists():
        raise FileExistsError(target)
    unfinished = target.with_name(target.name + ".part")
    try:
        _copy_closed(home.published_database, unfinished)
        with duckdb.connect(str(unfinished)) as connection:
            statements = (QUERIES / "inline_events.sql").read_text(encoding="utf-8")
            connection.execute(statements)
            comments = (QUERIES / "comments_of_events.sql").read_text(encoding="utf-8")
            for (comment,) in connection.execute(comments).fetchall():
                connection.execute(comment)
            connection.execute("drop view core.events_view")
            count = connection.execute("select count(*) from core.events").fetchone()
            connection.execute("checkpoint")
        replace_durably(unfinished, target)
    finally:
        _discard(unfinished)
    return int(count[0]) if count else 0


def compact(database: Path) -> None:
    """Write a database anew when most of its file is free space; always leaves it checkpointed."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("checkpoint")
        row = connection.execute(
            "select total_blocks, used_blocks from pragma_database_size()"
        ).fetchone()
    if row is None or row[0] <= COMPACT_ABOVE * max(row[1], 1):
        return
    compacted = database.with_suffix(".duckdb.compacted")
    _discard(compacted)
    with duckdb.connect() as connection:
        _attach(connection, database, "before")
        _attach(connection, compacted, "after", "read_write")
        connection.execute("copy from database before to after")
    replace_durably(compacted, database)


def _copy_closed(database: Path, copy: Path) -> None:
    """Copy a database that nobody has open, and nothing of what a killed run left of the copy."""
    _discard(copy)
    shutil.copyfile(database, copy)


def _discard(database: Path) -> None:
    """Remove a database with its log, which DuckDB would replay into the next file of that name."""
    for leftover in (database, database.with_name(database.name + ".wal")):
        leftover.unlink(missing_ok=True)


def replace_durably(source: Path, target: Path) -> None:
    """Move a file over another so that a reader sees the one or the other, also after a crash."""
    _flush(source)
    source.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run_statements(
    connection: duckdb.DuckDBPyConnection, name: str, publication: Publication
) -> None:
    parameters = publication.parameters()
    for statement in duckdb.extract_statements((QUERIES / f"{name}.sql").read_text("utf-8")):
        named = {key: parameters[key] for key in statement.named_parameters}
        connection.execute(statement, named)


def _attach(
    connection: duckdb.DuckDBPyConnection, database: Path, name: str, mode: str = "read_only"
) -> None:
    path = str(database).replace("'", "''")
    connection.execute(f"attach '{path}' as {name} ({mode})")
