"""The lake: immutable Parquet files by UTC day, and the manifest that lists the valid ones.

Belongs here: writing days, putting files in place, cleaning up, the manifest. Does not belong
here: which rows enter, or the commit that makes files valid (``ledger``).
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.ingest.errors import IngestError
from pm_pipeline.ingest.ledger import ListedFile, read_listed, read_version
from pm_pipeline.ingest.templates import render, utc

KINDS = ("events", "duplicates")
LAKE_COLUMNS = {
    "dedup_key": "varchar",
    "content_hash": "varchar",
    "file_id": "varchar",
    "record_number": "bigint",
    "source_name": "varchar",
    "source_event_id": "varchar",
    "source_user_id": "varchar",
    "device_id": "varchar",
    "source_session_id": "varchar",
    "event_name": "varchar",
    "event_at": "timestamp",
    "received_at": "timestamp",
    "time_source": "varchar",
    "platform": "varchar",
    "country": "varchar",
    "app_version": "varchar",
    "properties": "json",
    "source_file": "varchar",
}
STAGING_FOLDER = ".staging"
MOST_FILES_A_DAY = 8
# One COPY writes at most so many rows and days: it holds the rows of its days in memory.
ROWS_A_WRITE = 500_000
DAYS_A_WRITE = 60
KEPT_PUBLICATIONS = 5
UNLISTED_DAYS = 7


@dataclass(frozen=True)
class DayToWrite:
    """A day of one kind that gets a new file, and about how many rows it will hold."""

    kind: str
    utc_date: date
    rows: int


@dataclass(frozen=True)
class _StagedFile:
    """A file that was written: where it lies, where it will, its kind and day."""

    location: Path
    lake_path: str
    kind: str
    utc_date: str


def staging_folder(home: Home) -> Path:
    """Where files lie while they are written; emptied at the start of every run."""
    return home.lake / STAGING_FOLDER


def write_days(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    *,
    version: int,
    property_columns: Mapping[str, str],
) -> None:
    """Write the days that the batch touches and note the files in ``new_lake_files``.

    The files are in their final place and on disk afterwards, but not valid before the commit.
    Those of events hold ``property_columns`` too, by name their SQL.
    """
    rows = connection.execute(render("days_to_write")).fetchall()
    token = uuid.uuid4().hex[:8]
    for number, days in enumerate(_portions([DayToWrite(*row) for row in rows])):
        folder = staging_folder(home) / f"write-{number}"
        folder.mkdir(parents=True)
        first, last = days[0], days[-1]
        more_columns = dict(property_columns) if first.kind == "events" else {}
        absorbed = connection.execute(
            "select location, kind from absorbed where kind = ? and utc_date between ? and ?"
            " order by location",
            [first.kind, first.utc_date, last.utc_date],
        ).fetchall()
        connection.execute(
            render(
                "write_days",
                lake_columns=list(LAKE_COLUMNS),
                property_columns=more_columns,
                kind=first.kind,
                first_day=first.utc_date.isoformat(),
                last_day=last.utc_date.isoformat(),
                files=[{"location": location, "kind": kind} for location, kind in absorbed],
                folder=str(folder),
            )
        )
        files = _placed(folder, first.kind, f"{version:08d}-{token}-{number:04d}")
        _put_in_place(connection, home, files, more_columns)
        shutil.rmtree(folder)


def _portions(days: list[DayToWrite]) -> Iterator[list[DayToWrite]]:
    portion: list[DayToWrite] = []
    for day in days:
        full = portion and (
            day.kind != portion[0].kind
            or len(portion) == DAYS_A_WRITE
            or sum(earlier.rows for earlier in portion) + day.rows > ROWS_A_WRITE
        )
        if full:
            yield portion
            portion = []
        portion.append(day)
    if portion:
        yield portion


def _placed(folder: Path, kind: str, stem: str) -> list[_StagedFile]:
    """Return the files of one COPY with their final place; a day may have several."""
    files = []
    for number, location in enumerate(sorted(folder.glob("utc_date=*/*.parquet"))):
        day = location.parent.name
        lake_path = f"{kind}/{day}/{stem}-{number:04d}.parquet"
        files.append(_StagedFile(location, lake_path, kind, day.removeprefix("utc_date=")))
    return files


def _put_in_place(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    files: Sequence[_StagedFile],
    property_columns: Mapping[str, str],
) -> None:
    """Measure, sync and move files."""
    if not files:
        return
    measure = render("measure_files", files=files, property_columns=property_columns)
    connection.execute(measure)
    folders = set()
    for file in files:
        target = home.lake / file.lake_path
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(file.location)
        file.location.rename(target)
        folders |= {target.parent, target.parent.parent}
    for folder in [*sorted(folders, reverse=True), home.lake]:
        _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clean(home: Home, state: duckdb.DuckDBPyConnection, *, now: datetime) -> None:
    """Remove staged files, files that were never listed and files that nobody reads any more.

    The first two are what a killed run left behind. Raises ``IngestError`` when the state database
    knows nothing of a lake with a manifest: its files would all look like leftovers.
    """
    shutil.rmtree(staging_folder(home), ignore_errors=True)
    _delete_expired(home, state, now=now)
    known = {row[0] for row in state.execute("select lake_path from lake_files").fetchall()}
    on_disk = [path for kind in KINDS for path in (home.lake / kind).glob("utc_date=*/*")]
    if on_disk and not known and _manifest_version(home) > 0:
        raise IngestError(
            f"{home.lake} holds events but {home.state_database} knows none of them: put the "
            f"state database back, or delete {home.lake} to ingest landing anew"
        )
    for path in on_disk:
        if path.relative_to(home.lake).as_posix() not in known:
            path.unlink()
            _remove_if_empty(path.parent)


def _delete_expired(home: Home, state: duckdb.DuckDBPyConnection, *, now: datetime) -> None:
    """Delete files unlisted for 7 days that none of the last 5 publications reads."""
    expired = state.execute(
        render(
            "expired_files",
            publications=KEPT_PUBLICATIONS,
            unlisted_before=utc(now) - timedelta(days=UNLISTED_DAYS),
        )
    ).fetchall()
    for (lake_path,) in expired:
        path = home.lake / lake_path
        path.unlink(missing_ok=True)
        _remove_if_empty(path.parent)
    if expired:
        state.execute(
            "delete from lake_files where lake_path in (select unnest(?))",
            [[lake_path for (lake_path,) in expired]],
        )


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _manifest_version(home: Home) -> int:
    try:
        manifest = json.loads(home.lake_manifest.read_text(encoding="utf-8"))
        return int(manifest["ledger_version"])
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def refresh_manifest(home: Home, state: duckdb.DuckDBPyConnection) -> None:
    """Write the manifest anew if a killed run left it behind the state database."""
    version = read_version(state)
    if _manifest_version(home) != version:
        export_manifest(home, version, read_listed(state))


def export_manifest(home: Home, version: int, files: Sequence[ListedFile]) -> None:
    """Write ``lake/manifest.json``: one object with ``ledger_version`` and ``files``."""
    manifest = {"ledger_version": version, "files": [asdict(file) for file in files]}
    home.lake.mkdir(parents=True, exist_ok=True)
    unfinished = home.lake_manifest.with_suffix(".json.tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(home.lake_manifest)
    _sync(home.lake)
