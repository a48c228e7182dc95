"""A small world for the tests of ingest: files in a home, and a plain-Python oracle of its lake.

The oracle shares no code with the pipeline: it reads the same json lines, forms keys and settles
copies one by one, as the rules are written.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.ingest import ColumnRule, IngestRules, IngestSummary, SourceRules, ingest

NOW = datetime(2026, 3, 1, tzinfo=UTC)
JSON_COLUMNS = {
    "user_id": ColumnRule("user"),
    "event_name": ColumnRule("name"),
    "event_time": ColumnRule("at"),
    "event_id": ColumnRule("id"),
    "received_at": ColumnRule("received"),
    "device_id": ColumnRule("device"),
}


def source(name: str = "app", path: str = "**/*.jsonl*", **changes: object) -> SourceRules:
    """A source of json lines with ids, unless changed."""
    values: dict[str, object] = {
        "format": "jsonl",
        "columns": JSON_COLUMNS,
        "properties": "*",
        "rules_sha256": f"{name}-1",
        **changes,
    }
    return SourceRules(name=name, path=path, **values)  # type: ignore[arg-type]


def rules_of(*sources: SourceRules, **changes: object) -> IngestRules:
    """Rules over the sources, from 2000 on."""
    values: dict[str, object] = {"earliest_event": datetime(2000, 1, 1, tzinfo=UTC), **changes}
    return IngestRules(sources=sources or (source(),), **values)  # type: ignore[arg-type]


def land(home: Home, path: str, content: bytes | str | list[dict[str, object]]) -> Path:
    """Put a file into landing as if it were written long ago."""
    location = home.landing / path
    location.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        content = "".join(json.dumps(record) + "\n" for record in content)
    location.write_bytes(content.encode() if isinstance(content, str) else content)
    age(location)
    return location


_clock = [1_000_000_000]


def age(location: Path) -> None:
    """Give a file a modification time of its own, long ago."""
    _clock[0] += 1
    os.utime(location, (_clock[0], _clock[0]))


def run(home: Home, rules: IngestRules | None = None, **options: object) -> IngestSummary:
    """Ingest with the usual clock."""
    values: dict[str, object] = {"now": NOW, **options}
    return ingest(home, rules or rules_of(), **values)  # type: ignore[arg-type]


def lake_rows(home: Home, columns: str = "*") -> list[tuple[object, ...]]:
    """All rows of the listed lake files, with their state; sorted."""
    manifest = json.loads(home.lake_manifest.read_text())
    rows: list[tuple[object, ...]] = []
    for kind, state in (("events", "'event'"), ("duplicates", "state")):
        paths = [
            str(home.lake / file["path"]) for file in manifest["files"] if file["kind"] == kind
        ]
        if paths:
            rows += duckdb.execute(
                f"select {columns}, {state} as state from (select * from read_parquet(?)) as lake",
                [paths],
            ).fetchall()
    return sorted(rows, key=repr)


def identities(home: Home) -> dict[tuple[str, int], str]:
    """(file, record number) -> state, for every row of the lake."""
    rows = lake_rows(home, "source_file, record_number")
    found = {(str(path), int(str(number))): str(state) for path, number, state in rows}
    assert len(found) == len(rows), "a record lies in the lake twice"
    return found


def state_rows(home: Home, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query on the state database."""
    with duckdb.connect(str(home.state_database), read_only=True) as state:
        return state.execute(sql).fetchall()


@dataclass(frozen=True)
class _Copy:
    key: tuple[str, ...]
    seen_at: datetime
    content_hash: str
    sha256: str
    number: int
    path: str
    excluded: bool


def oracle(files: dict[str, str], space_of: dict[str, str]) -> dict[tuple[str, int], str]:
    """(file, record number) -> state for json files given by path, settled one copy at a time.

    ``space_of`` maps a path's first folder to the space of its ids. Only valid records are
    expected; a record whose property ``bot`` is true is excluded.
    """
    copies: list[_Copy] = []
    for path, text in files.items():
        space = space_of[path.split("/")[0]]
        seen_before: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            record = json.loads(line)
            content = hashlib.md5(line.encode()).hexdigest()
            if record.get("id") is None:
                seen_before[content] = seen_before.get(content, 0) + 1
                key = (space, "content", content, str(seen_before[content]))
            else:
                key = (space, "id", str(record["id"]))
            seen_at = datetime.fromisoformat(record.get("received") or record["at"])
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            copies.append(
                _Copy(key, seen_at, content, sha256, number, path, record.get("bot") is True)
            )
    states: dict[tuple[str, int], str] = {}
    opened: dict[tuple[str, ...], datetime] = {}
    for copy in sorted(
        copies, key=lambda one: (one.seen_at, one.content_hash, one.sha256, one.number, one.path)
    ):
        start = opened.get(copy.key)
        if start is not None and copy.seen_at - start <= timedelta(days=7):
            states[copy.path, copy.number] = "duplicate"
            continue
        opened[copy.key] = copy.seen_at
        states[copy.path, copy.number] = "excluded" if copy.excluded else "event"
    return states
