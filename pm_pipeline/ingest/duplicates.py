"""Which copy of a record is kept: the rule of seven days, over the batch and the lake.

Belongs here: finding the copies of a key and settling them. Does not belong here: writing files.

Rows without a copy are only streamed past a table of short hashes; the wide columns are never
hashed or sorted. Copies are looked up in lake files near the batch's days, and for keys that have
copies the look-up is widened until no row within the window of another is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb

from pm_pipeline.ingest.lake import LAKE_COLUMNS, MOST_FILES_A_DAY
from pm_pipeline.ingest.templates import render, statements

WINDOW = timedelta(days=7)
FETCHED_ROWS = 50_000

LakeFiles = Sequence[dict[str, Any]]


def later_openers(copies: Iterable[tuple[int, str, datetime]]) -> Iterator[int]:
    """Yield the numbers of the copies that open a window after their key's first one.

    ``copies`` are (number, key, seen_at), ordered by key and then by the order of the copies. The
    first copy of a key opens a window of seven days, its end included; the next copy after the
    window opens the next one.
    """
    current: str | None = None
    closes = datetime.max
    for number, key, seen_at in copies:
        if key != current:
            current = key
        elif seen_at <= closes:
            continue
        else:
            yield number
        closes = seen_at + WINDOW


def settle(connection: duckdb.DuckDBPyConnection, exclude_sql: str | None) -> None:
    """Decide over all copies that the batch in ``staged`` and ``removed_files`` concerns.

    Afterwards the view ``additions`` holds what the lake gains, ``moves`` what changes its state,
    ``removed_rows`` where records leave, and ``absorbed`` the lake files that new ones replace.
    """
    _run(connection, "keep_pending")
    _run(connection, "number_repeats")
    _find_removed(connection)
    _run(connection, "incoming_keys")
    candidates = _candidates(connection)
    if candidates:
        _run(connection, "match_existing", files=candidates)
    _run(connection, "touched_keys")
    while candidates and _any(connection, "existing_matches"):
        _run(connection, "lake_members", files=candidates)
        candidates = _candidates(connection)
    _run(connection, "order_copies", window_days=WINDOW.days)
    _open_later_windows(connection)
    _run(connection, "settle_copies")
    moved_from = _files(connection, "files_of_moves")
    if moved_from:
        _run(connection, "fetch_moved", files=moved_from, lake_columns=list(LAKE_COLUMNS))
    _run(connection, "additions", lake_columns=list(LAKE_COLUMNS), exclude_sql=exclude_sql)
    _run(connection, "count_additions", most_files_a_day=MOST_FILES_A_DAY)
    _run(connection, "count_changes")


def _find_removed(connection: duckdb.DuckDBPyConnection) -> None:
    holders = _files(connection, "files_of_removed")
    if holders:
        _run(connection, "find_removed", files=holders)


def _candidates(connection: duckdb.DuckDBPyConnection) -> LakeFiles:
    """Return the lake files near the wanted days that were not looked at yet, and tick them off."""
    files = _files(connection, "candidate_files", window_days=WINDOW.days)
    if files:
        connection.execute(
            "update lake_index set is_scanned = true where lake_path in (select unnest(?))",
            [[file["lake_path"] for file in files]],
        )
    return files


def _open_later_windows(connection: duckdb.DuckDBPyConnection) -> None:
    reader = connection.cursor().execute(render("long_keys"))

    def copies() -> Iterator[tuple[int, str, datetime]]:
        while rows := reader.fetchmany(FETCHED_ROWS):
            yield from rows

    numbers: list[int] = []
    for number in later_openers(copies()):
        numbers.append(number)
        if len(numbers) == FETCHED_ROWS:
            connection.execute("insert into later_openers select unnest(?)", [numbers])
            numbers = []
    if numbers:
        connection.execute("insert into later_openers select unnest(?)", [numbers])


def _any(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return connection.execute(render("any_row", table=table)).fetchone() is not None


def _files(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> LakeFiles:
    rows = connection.execute(render(name, **values)).fetchall()
    return [dict(zip(("lake_path", "location", "kind"), row, strict=True)) for row in rows]


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    for statement in statements(render(name, **values)):
        connection.execute(statement)
