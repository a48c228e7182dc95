"""Small homes for the gates' tests: a ledger and a lake that hold together, written for real.

Belongs here: writing lake files and state rows as ingest does. Does not belong here: what a test
breaks in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.state import open_state

NOW = datetime(2026, 3, 10, 12)
LAST_DAY = date(2026, 3, 9)

LAKE_SELECT = """
    select
        md5('{day}' || '-' || n) as dedup_key,
        md5('content {day}' || '-' || n) as content_hash,
        'file-1' as file_id,
        n as record_number,
        'app' as source_name,
        cast(null as varchar) as source_event_id,
        case when n % 3 > 0 then 'user-' || n % 7 end as source_user_id,
        'device-' || n % 5 as device_id,
        cast(null as varchar) as source_session_id,
        'opened' as event_name,
        timestamp '{day}' + to_minutes(n) as event_at,
        cast(null as timestamp) as received_at,
        'event_time' as time_source,
        'ios' as platform,
        cast(null as varchar) as country,
        cast(null as varchar) as app_version,
        cast('{{}}' as json) as properties,
        'app.csv' as source_file
    from range({rows}) as numbers (n)
"""


def add_lake_file(
    home: Home, day: date, rows: int, *, name: str = "part-1", select: str | None = None
) -> str:
    """Write one lake file of ``rows`` events on ``day`` and list it; return its lake path."""
    lake_path = f"events/utc_date={day.isoformat()}/{name}.parquet"
    target = home.lake / lake_path
    target.parent.mkdir(parents=True, exist_ok=True)
    query = select or LAKE_SELECT.format(day=day.isoformat(), rows=rows)
    quoted = str(target).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{quoted}' (format parquet)")
    start = datetime.combine(day, datetime.min.time())
    end = start + timedelta(minutes=rows - 1)
    with open_state(home) as state:
        state.execute(
            "insert into lake_files values (?, 'events', ?, ?, 0, ?, ?, ?, ?, null, null)",
            [lake_path, day, rows, start, end, start, end],
        )
    return lake_path


def add_ledger_file(
    home: Home,
    path: str,
    *,
    events: int,
    duplicates: int = 0,
    rejected: int = 0,
    ingested_at: datetime = NOW - timedelta(hours=1),
    rejected_kept: int | None = None,
) -> None:
    """Put a file whose counts add up into the ledger, with its rejected records."""
    kept = rejected if rejected_kept is None else rejected_kept
    with open_state(home) as state:
        state.execute(
            """
            insert into files by name
            select ? as path, ? as file_id, 's' as sha256, 'r' as rules_sha256,
                'app' as source_name, 'csv' as format, 1 as size_bytes, 1 as modified_ns,
                ? as records_count, ? as accepted_count, ? as duplicate_count,
                ? as rejected_count, ? as events_count, 0 as links_count, 0 as excluded_count,
                0 as forgotten_count, cast(? as timestamp) as ingested_at
            """,
            [path, f"id of {path}", events + duplicates + rejected, events, duplicates, rejected,
             events, ingested_at],
        )  # fmt: skip
        state.execute(
            """
            insert into rejected_records
            select ?, ?, n, 'bad_time', 'event_time', 'x', 'utf8'
            from range(cast(? as bigint)) as numbers (n)
            """,
            [f"id of {path}", path, kept],
        )


def change(home: Home, *statements: str) -> None:
    """Run statements on the state database of ``home``."""
    with open_state(home) as state:
        for statement in statements:
            state.execute(statement)


def publish(home: Home, lake_paths: Sequence[str], *, published_at: datetime) -> None:
    """Record a publication that reads ``lake_paths``."""
    run_id = f"run {published_at.isoformat()}"
    with open_state(home) as state:
        state.execute(
            """
            insert into publications by name
            select ? as run_id, cast(? as timestamp) as published_at,
                timestamp '2026-03-01' as as_of, 1 as ledger_version, 'd' as definitions_sha256,
                'c' as code_sha256, '0' as package_version, 0 as events_count
            """,
            [run_id, published_at],
        )
        for lake_path in lake_paths:
            state.execute("insert into publication_files values (?, ?)", [run_id, lake_path])


def clean_home(folder: Path, *, weeks: int = 6, rows: int = 20) -> Home:
    """Return a home with one lake file a day up to the last complete day, and its ledger row."""
    home = Home(folder)
    days = 7 * weeks + 1
    for back in range(0, days, 7):
        add_lake_file(home, LAST_DAY - timedelta(days=back), rows)
    add_ledger_file(home, "app.csv", events=rows * (weeks + 1), duplicates=3, rejected=2)
    return home
