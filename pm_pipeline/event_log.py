"""Where Dagster keeps the events of runs: its own SQLite storage, with open connections.

Dagster makes a database engine anew for every event that it writes or reads, and a run has over a
thousand: the time went into making engines. Belongs here: keeping them. Does not belong here: what
is stored, which stays Dagster's own format in its own place (``history/runs`` of the instance).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event

KEPT_ENGINES = 8
"""One for each run that is written or looked at, and one for the index over all runs."""


class EventLog(SqliteEventLogStorage):
    """The SQLite event log of a home's Dagster instance."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> EventLog:
        """Return the storage in the folder that the instance's settings name."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def has_table(self, table_name: str) -> bool:
        """Return whether the index over all runs has a table; asked before each check's event."""
        with _engine(self.conn_string_for_shard(INDEX_SHARD_NAME)).connect() as connection:
            return connection.dialect.has_table(connection, table_name)


@lru_cache(maxsize=KEPT_ENGINES)
def _engine(address: str) -> Engine:
    engine = create_engine(
        address,
        pool_size=1,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _wait_for_no_disk)
    return engine


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    """A power cut may take the last events of a run's log, never its order or the file."""
    connection.execute("pragma synchronous = normal")
