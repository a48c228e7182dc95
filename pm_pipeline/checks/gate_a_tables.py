"""The tables that gate A judges: a temporary database over unpublished files and the ledger.

Belongs here: making and removing it. Does not belong here: the rules (``gate_a.py``).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from pm_pipeline.checks.results import first_line
from pm_pipeline.home import Home

TABLES_FILE = Path(__file__).parent / "sql" / "gate_a" / "tables.sql"
TEMPORARY_PREFIX = ".gate_a_"
# The same lake files are opened by several queries: a first run may have thousands of small ones.
SETTINGS: Mapping[str, str] = {"memory_limit": "2GB", "parquet_metadata_cache": "true"}
EVENTS = "unpublished_events"

EVENT_COLUMNS: Mapping[str, str] = {
    "dedup_key": "VARCHAR",
    "content_hash": "VARCHAR",
    "file_id": "VARCHAR",
    "record_number": "BIGINT",
    "source_name": "VARCHAR",
    "source_event_id": "VARCHAR",
    "source_user_id": "VARCHAR",
    "device_id": "VARCHAR",
    "source_session_id": "VARCHAR",
    "event_name": "VARCHAR",
    "event_at": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "time_source": "VARCHAR",
    "platform": "VARCHAR",
    "country": "VARCHAR",
    "app_version": "VARCHAR",
    "properties": "JSON",
    "source_file": "VARCHAR",
}

# Tables that are one row with the words for what was observed, by the check that they serve.
MEASURES: Mapping[str, str] = {
    "ledger_matches_lake": "conservation",
    "rejected_share": "rejected",
    "volume_drop": "volume",
    "unread_files": "unread",
}


@dataclass(frozen=True)
class GateTables:
    """The database, how much it holds, what its measures say, and which tables broke and why."""

    database: Path
    lake_files_count: int
    events_count: int
    ledger_count: int
    observed: Mapping[str, str]
    broken: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def gate_tables(home: Home, *, now: datetime) -> Iterator[GateTables]:
    """Open a temporary database over what gate A judges; it is removed afterwards.

    ``now`` is naive UTC. The tables that read lake files may break alone (a file is missing or is
    no Parquet): they are then in ``broken``. Raises ``duckdb.Error`` when the ledger cannot be
    read.
    """
    home.warehouse.mkdir(parents=True, exist_ok=True)
    for left_over in home.warehouse.glob(f"{TEMPORARY_PREFIX}*"):
        shutil.rmtree(left_over, ignore_errors=True)  # of a run that was killed
    with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=home.warehouse) as folder:
        database = Path(folder) / "gate.duckdb"
        with duckdb.connect(str(database)) as connection:
            for name, value in SETTINGS.items():
                connection.execute(f"set {name} = {_literal(value)}")
            tables = _fill(connection, database, home, now)
        yield tables


def _fill(
    connection: duckdb.DuckDBPyConnection, database: Path, home: Home, now: datetime
) -> GateTables:
    connection.execute(f"attach {_literal(home.state_database)} as state (read_only)")
    connection.execute(f"set variable now = timestamp {_literal(now.isoformat(sep=' '))}")
    connection.execute(TABLES_FILE.read_text(encoding="utf-8"))
    connection.execute("detach state")
    listed = connection.execute(
        "select lake_path, rows_count from listed_files where is_unpublished order by lake_path"
    ).fetchall()
    broken: dict[str, str] = {}
    paths = [str(home.lake / lake_path) for lake_path, _ in listed]
    for table, statement in _lake_tables(home, paths).items():
        try:
            connection.execute(statement)
        except duckdb.Error as problem:
            broken[table] = first_line(problem)
    return GateTables(
        database=database,
        lake_files_count=len(listed),
        events_count=sum(rows_count for _, rows_count in listed),
        ledger_count=_value(connection, "select count(*) from ledger_files"),
        observed={
            check_name: str(_value(connection, f"select observed from {table}"))
            for check_name, table in MEASURES.items()
        },
        broken=broken,
    )


def _lake_tables(home: Home, paths: Sequence[str]) -> dict[str, str]:
    """Return the statements that make the tables over the unpublished lake files.

    ``file_columns`` and ``file_rows`` read the files' footers only.
    """
    expected = ", ".join(f"('{name}', '{kind}')" for name, kind in EVENT_COLUMNS.items())
    lake_folder = _literal(f"{home.lake}/")
    if paths:
        listing = "[" + ", ".join(_literal(path) for path in paths) + "]"
        names = ", ".join(EVENT_COLUMNS)
        events = f"select {names} from read_parquet({listing}, hive_partitioning = false)"
        found_columns = f"select file_name, name, duckdb_type from parquet_schema({listing})"
        found_rows = f"select file_name, num_rows from parquet_file_metadata({listing})"
    else:
        nulls = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in EVENT_COLUMNS.items())
        events = f"select {nulls} where false"
        found_columns = "select '' as file_name, '' as name, '' as duckdb_type where false"
        found_rows = "select '' as file_name, 0 as num_rows where false"
    return {
        EVENTS: f"create view {EVENTS} as {events}",
        # A hash is grouped first: that keeps the memory of the usual case small. Only rows that
        # share one are then compared as they are. A table, as a rule's query runs twice.
        "repeated_events": f"""
            create table repeated_events as
            with keys as (
                select dedup_key, coalesce(received_at, event_at) as seen_at
                from {EVENTS} where dedup_key is not null
            ),
            suspects as (
                select hash(dedup_key, seen_at) as key_hash
                from keys group by key_hash having count(*) > 1
            )
            select count(*) - 1 as repeats
            from keys semi join suspects on hash(keys.dedup_key, keys.seen_at) = suspects.key_hash
            group by keys.dedup_key, keys.seen_at having count(*) > 1""",
        "unknown_users": f"""
            create table unknown_users as
            select count(*) as events_count from {EVENTS}
            where source_user_id is null and device_id is null""",
        "file_columns": f"""
            create table file_columns as
            with expected (column_name, column_type) as (values {expected}),
            found as ({found_columns})
            select
                replace(files.file_name, {lake_folder}, '') || ' ' || expected.column_name
                || coalesce(' is ' || found.duckdb_type, ' is missing') as description,
                found.duckdb_type is distinct from expected.column_type as is_wrong
            from (select distinct file_name from found) as files
            cross join expected
            left join found
                on files.file_name = found.file_name and expected.column_name = found.name""",
        "file_rows": f"""
            create table file_rows as
            select listed_files.lake_path, listed_files.rows_count as rows_listed,
                found.num_rows as rows_found
            from listed_files
            left join ({found_rows}) as found
                on {lake_folder} || listed_files.lake_path = found.file_name
            where listed_files.is_unpublished""",
    }


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return row[0] if row else 0


def _literal(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
