"""The state database: what cannot be rebuilt from the lake.

Belongs here: its tables and how to open it. Does not belong here: what the rows mean to a room;
``ingest`` owns the ledger and the lake's files, ``checks`` the check results, ``publish`` the
publications. The database is opened for a moment and closed again, so that dbt can read it in
between; whoever holds the home's lock is its only writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pm_pipeline.home import Home

SCHEMA_FILE = Path(__file__).with_name("state.sql")


@contextmanager
def open_state(home: Home, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the state database of ``home``, made with its tables on first use.

    Raises ``duckdb.IOException`` when another process is writing to it.
    """
    if not read_only:
        home.state.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(home.state_database), read_only=read_only)
    try:
        if not read_only:
            connection.execute(SCHEMA_FILE.read_text(encoding="utf-8"))
        yield connection
    finally:
        connection.close()
