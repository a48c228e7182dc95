"""The ledger: what the state database knows of every landing file, and its commits.

Belongs here: reading and writing the tables ``files``, ``unread_files``, ``rejected_records``,
``lake_files`` and ``ledger_version``. Does not belong here: what enters the lake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.ingest.discovery import UnreadFile
from pm_pipeline.ingest.errors import IngestError
from pm_pipeline.ingest.templates import identifier, literal, render, statements, utc


@dataclass(frozen=True)
class LedgerFile:
    """A file as it was last ingested."""

    path: str
    file_id: str
    sha256: str
    rules_sha256: str
    source_name: str
    size_bytes: int
    modified_ns: int
    judge_again_at: datetime | None


@dataclass(frozen=True)
class RecordTotals:
    """Counts of records; ``records = accepted + duplicate + rejected``."""

    records: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    events: int = 0
    excluded: int = 0


@dataclass(frozen=True)
class ListedFile:
    """A valid lake file, as the manifest names it; ``digest`` is a number in decimal text."""

    path: str
    kind: str
    utc_date: str
    rows: int
    digest: str


@dataclass(frozen=True)
class Snapshot:
    """What the state database says at the start of a run."""

    files: dict[str, LedgerFile]
    version: int
    unread: tuple[UnreadFile, ...]
    present: RecordTotals


def read_snapshot(state: duckdb.DuckDBPyConnection) -> Snapshot:
    """Read the ledger from an open state database."""
    files = [LedgerFile(*row) for row in state.execute(render("ledger_files")).fetchall()]
    unread = state.execute("select path, reason, detail from unread_files order by all").fetchall()
    return Snapshot(
        files={file.path: file for file in files},
        version=read_version(state),
        unread=tuple(UnreadFile(*row) for row in unread),
        present=totals(state),
    )


def read_version(state: duckdb.DuckDBPyConnection) -> int:
    """Return how often ingest has committed."""
    row = state.execute("select ledger_version from ledger_version").fetchone()
    return int(row[0]) if row else 0


def totals(state: duckdb.DuckDBPyConnection, paths: Sequence[str] | None = None) -> RecordTotals:
    """Return the present counts over all files, or over those of ``paths``."""
    row = state.execute(render("ledger_totals", paths=paths)).fetchone()
    return RecordTotals(*(row or ()))


@contextmanager
def attached_state(connection: duckdb.DuckDBPyConnection, home: Home) -> Iterator[None]:
    """Attach the state database as ``state`` for a moment."""
    connection.execute(f"attach {literal(str(home.state_database))} as {identifier('state')}")
    try:
        yield
    finally:
        connection.execute("detach state")


def load_plan(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Copy the ledger and the list of lake files into the working connection."""
    with attached_state(connection, home):
        _run(connection, "plan", lake_folder=str(home.lake))


def commit(
    connection: duckdb.DuckDBPyConnection, home: Home, *, now: datetime
) -> tuple[int, list[ListedFile]]:
    """Make the batch in the working tables true, in one transaction.

    Returns the new version and the lake files that it lists. Raises ``IngestError`` when ledger
    and lake would not agree; then nothing is changed.
    """
    with attached_state(connection, home):
        connection.execute("begin transaction")
        try:
            _run(connection, "commit", now=utc(now))
            _demand_balance(connection)
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
        connection.execute("use state")
        try:
            return read_version(connection), read_listed(connection)
        finally:
            connection.execute("use memory")


def read_listed(state: duckdb.DuckDBPyConnection) -> list[ListedFile]:
    """Return the valid lake files."""
    return [ListedFile(*row) for row in state.execute(render("manifest_files")).fetchall()]


def _demand_balance(connection: duckdb.DuckDBPyConnection) -> None:
    row = connection.execute(render("balance")).fetchone()
    if row is None or row[0] != row[1] or row[2] != 0:
        raise IngestError(
            f"ledger and lake do not agree (accepted and duplicate records, lake rows, files out "
            f"of balance: {row}): nothing was changed"
        )


def refresh_times(state: duckdb.DuckDBPyConnection, touched: Sequence[tuple[str, int]]) -> None:
    """Note the new modification times of files whose content is the same."""
    if touched:
        state.executemany(
            "update files set modified_ns = ? where path = ?",
            [[modified_ns, path] for path, modified_ns in touched],
        )


def replace_unread(state: duckdb.DuckDBPyConnection, unread: Sequence[UnreadFile]) -> None:
    """Write down the files that this run left aside, in place of those of the run before."""
    state.execute("begin transaction")
    state.execute("delete from unread_files")
    if unread:
        state.executemany(
            "insert into unread_files values (?, ?, ?)",
            [[file.path, file.reason, file.detail] for file in unread],
        )
    state.execute("commit")


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    for statement in statements(render(name, **values)):
        connection.execute(statement)
