"""Reads a demo's landing files by the documented rules, in plain Python and row by row.

It shares no code with the simulation nor with the pipeline: a third opinion for small demos.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

BERLIN = ZoneInfo("Europe/Berlin")
IGNORED = {"null", "guest"}
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class RejectedError(Exception):
    """The record cannot be accepted."""


@dataclass
class Event:
    """A record that can be read."""

    path: str
    order_at: datetime
    at: datetime
    name: str
    key: tuple[Any, ...]
    user: str | None
    device: str | None
    is_bot: bool
    properties: dict[str, Any]
    person: str = ""
    person_day: date = date.min


@dataclass
class Reading:
    """What was found."""

    records: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)


def read_demo(home: Path) -> Reading:
    """Read all landing files of ``home``."""
    reading = Reading()
    landing = home / "landing"
    good: list[tuple[Any, ...]] = []
    for file in sorted(each for each in landing.rglob("*") if each.is_file()):
        path = file.relative_to(landing).as_posix()
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        seen: Counter[tuple[Any, ...]] = Counter()
        for number, record in enumerate(_records(file)):
            reading.records[path] += 1
            try:
                event = _event(path, record)
            except (RejectedError, ValueError, KeyError):
                reading.rejected[path] += 1
                continue
            if path.startswith("partner"):
                seen[event.key] += 1
                event.key = (*event.key, seen[event.key])
            good.append((event.key, event.order_at, sha256, number, event))
    opened: dict[tuple[Any, ...], datetime] = {}
    for key, order_at, _, _, event in sorted(good, key=lambda row: row[1:4]):
        if key in opened and order_at - opened[key] <= timedelta(days=7):
            reading.duplicates[event.path] += 1
            continue
        opened[key] = order_at
        if event.is_bot:
            reading.excluded[event.path] += 1
        else:
            reading.events.append(event)
    _resolve(reading.events)
    return reading


def _records(file: Path) -> Iterator[Any]:
    """Yield raw records: bytes of JSON lines, CSV rows (or None), Parquet rows."""
    if file.suffix == ".parquet":
        yield from pq.read_table(file).to_pylist()
        return
    content = file.read_bytes()
    if file.suffix == ".gz":
        yield from gzip.decompress(content).splitlines()
        return
    lines = content.splitlines()
    delimiter = ";" if b";" in lines[0] else ","
    header = next(csv.reader([lines[0].decode()], delimiter=delimiter))
    for line in lines[1:]:
        try:
            fields = next(csv.reader([line.decode()], delimiter=delimiter))
        except UnicodeDecodeError:
            yield None
            continue
        yield dict(zip(header, fields, strict=True)) if len(fields) == len(header) else None


def _event(path: str, record: Any) -> Event:
    if record is None:
        raise RejectedError
    source = path.split("/")[0]
    received = None
    if source == "app":
        record = json.loads(record.decode())
        at, received = _epoch(record["ts"]), _epoch(record["received"])
        name, user, device = record["event"], record.get("user"), record.get("device")
        key: tuple[Any, ...] = ("songbird", record["id"])
    elif source == "backfill":
        if record["happened"] is None:
            raise RejectedError
        at, received = (record[name].replace(tzinfo=UTC) for name in ("happened", "stored"))
        name, user, device = record["name"], record["account"], record["device"]
        key = ("songbird", record["id"])
    elif source == "web":
        at = datetime.fromisoformat(record["time"])
        assert at.tzinfo is not None
        name, user, device = record["event"], record["account"], record["visitor"]
        key = ("web", record["id"])
    else:
        at = datetime.strptime(record["opened"], "%d/%m/%Y %H:%M").replace(tzinfo=BERLIN)
        name, user, device = "ticket_opened", record["customer"], None
        key = ("partner", tuple(record.values()))
    at = at.astimezone(UTC)
    known = received or datetime.now(UTC)
    if not name or not (user or device) or at < EARLIEST or at > known + timedelta(hours=24):
        raise RejectedError
    user = None if user in IGNORED else user or None
    is_bot = record.get("is_bot") is True
    return Event(path, received or at, at, name, key, user, device or None, is_bot, record)


def _epoch(milliseconds: Any) -> datetime:
    if not isinstance(milliseconds, int):
        raise RejectedError
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)


def _resolve(events: list[Event]) -> None:
    by_device: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each.at):
        event.person_day = event.at.astimezone(BERLIN).date()
        if event.user:
            event.person = event.user
        if event.device:
            by_device[event.device].append(event)
    for device, mine in by_device.items():
        first = next((event for event in mine if event.user), None)
        last: str | None = None
        for event in mine:
            last = event.user or last
            claimed = first and timedelta() <= first.at - event.at <= timedelta(days=30)
            event.person = last or (first.user if first and claimed else None) or f"device:{device}"


def monday(day: date) -> date:
    """Return the Monday of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def count_sessions(events: list[Event]) -> int:
    """Count the sessions of all people, cut by pauses above 30 minutes."""
    last: dict[str, datetime] = {}
    sessions = 0
    for event in sorted(events, key=lambda each: each.at):
        if event.person not in last or event.at - last[event.person] > timedelta(minutes=30):
            sessions += 1
        last[event.person] = event.at
    return sessions
