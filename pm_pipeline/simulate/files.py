"""The bytes of the landing files: jsonl.gz, parquet, csv with commas, csv with semicolons.

Belongs here: how a record looks in each export. Does not belong here: which records there are.
The column names differ from file to file on purpose; ``product_file`` maps them.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.events import NONE
from pm_pipeline.simulate.faults import IN_BYTES, Fault, break_fields, break_line
from pm_pipeline.simulate.people import People
from pm_pipeline.simulate.records import APP, BACKFILL, PARTNER, SENT_CHANGED, WEB, Records

Row = dict[str, Any]
TITLES = ("Home", "Charts, new", 'Live: "Zoë & Söhne"', "Lyrics", "Straße, Meer")
VENUES = ("Lido", "Astra", "Große Freiheit", "SO36")
_EVENT_COLUMNS = (
    "at_ms",
    "person",
    "device",
    "name",
    "seconds",
    "score",
    "experiment",
    "variant",
    "signed",
)
PROPERTIES = ("plan", "seconds", "experiment", "variant", "is_bot", "retry", "score")


class Renderer:
    """Turns records into the bytes of their files."""

    def __init__(self, people: People, records: Records, calendar: plan.Calendar) -> None:
        """Keep what the rows are made of."""
        self.people = people
        self.records = records
        self.calendar = calendar

    def render(self, file: int, faults: list[Fault]) -> bytes:
        """Return the content of one file with its broken records in it."""
        source = self.records.files[file].source
        rows = self._rows(file)
        positions = {record: at for at, record in enumerate(self.records.of_file(file).tolist())}
        broken: list[tuple[int, Row, Fault]] = []
        for fault in faults:
            at = positions[fault.beside]
            row = dict(rows[at])
            bad_time = "31/02/2026 25:61" if source == PARTNER else "yesterday"
            row["at_ms"] = break_fields(row, fault, bad_time=bad_time, at_ms=row["at_ms"])
            broken.append((at, row, fault))
        if source == BACKFILL:
            return _parquet(_merge(rows, broken, lambda row: row, lambda row, _: row))
        to_line, separator, header = {
            APP: (_json_line, b",", None),
            WEB: (self._web_line, b",", _WEB_HEADER),
            PARTNER: (self._partner_line, b";", _PARTNER_HEADER),
        }[source]

        def break_(row: Row, fault: Fault) -> bytes:
            line = to_line(row)
            return break_line(line, fault, separator) if fault.kind in IN_BYTES else line

        lines = _merge(rows, broken, to_line, break_)
        content = b"\n".join(([header] if header else []) + lines) + b"\n"
        if source != APP:
            return content
        stream = io.BytesIO()
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as archive:
            archive.write(content)
        return stream.getvalue()

    def _rows(self, file: int) -> list[Row]:
        """Return the file's records under canonical names, times in UTC milliseconds."""
        records, events, people = self.records, self.records.events, self.people
        at = records.of_file(file)
        event = records.event[at]
        country, is_paid = people.country.tolist(), people.is_paid.tolist()
        platform = people.platform.tolist()
        columns = {
            "received": records.received_ms[at],
            "copy": records.copy[at],
            "number": records.number[event],
            "age": self.calendar.day(events.at_ms[event]) // 42,
            **{name: getattr(events, name)[event] for name in _EVENT_COLUMNS},
        }
        rows = []
        for values in zip(*(column.tolist() for column in columns.values()), strict=True):
            got = dict(zip(columns, values, strict=True))
            person, device, number = got["person"], got["device"], got["number"]
            robot, again = person == NONE, got["copy"] == SENT_CHANGED
            test = plan.EXPERIMENTS[got["experiment"]] if got["experiment"] != NONE else None
            rows.append(
                {
                    "event_id": f"{number:012x}",
                    "event_name": plan.EVENT_NAMES[got["name"]],
                    "event_time": ...,  # at_ms, in the format of the file
                    "at_ms": got["at_ms"],
                    "received_ms": got["received"],
                    "user_id": user_name(person) if got["signed"] else _no_user(number),
                    "device_id": device_name(device, robot) if device != NONE else None,
                    "platform": "android" if robot else plan.PLATFORMS[platform[device]],
                    "country": None if robot else plan.COUNTRIES[country[person]],
                    "app_version": f"4.{got['age']}.{int(again)}",
                    "plan": plan.PLANS[is_paid[person]] if got["signed"] else None,
                    "seconds": got["seconds"] if got["seconds"] != NONE else None,
                    "score": got["score"] if got["score"] != NONE else None,
                    "experiment": test.name if test else None,
                    "variant": test.variants[got["variant"]] if test else None,
                    "is_bot": True if robot else None,
                    "retry": 1 if again else None,
                    "title": TITLES[number % len(TITLES)],
                    "venue": VENUES[(person + got["at_ms"] // plan.MINUTE_MS) % len(VENUES)],
                }
            )
        return rows

    def _web_line(self, row: Row) -> bytes:
        """Return a line with the local time and its offset from UTC."""
        time = row["event_time"]
        if time is ...:
            at = datetime.fromtimestamp(row["at_ms"] / 1000, self.calendar.zone)
            time = at.isoformat(timespec="milliseconds")
        # An unknown visitor of the web site is an empty field.
        user = row["user_id"] if row["user_id"] not in plan.IGNORED_IDS else None
        fields = (
            row["event_id"], time, user, row["device_id"], row["event_name"], row["country"],
            row["plan"], row["seconds"], row["experiment"], row["variant"], row["score"],
            row["title"],
        )  # fmt: skip
        return ",".join(_quoted(field) for field in fields).encode()

    def _partner_line(self, row: Row) -> bytes:
        """Return a line with the local time in whole minutes, without any offset."""
        time = row["event_time"]
        if time is ...:
            at = datetime.fromtimestamp(row["at_ms"] / 1000, self.calendar.zone)
            time = at.strftime("%d/%m/%Y %H:%M")
        fields = (row["user_id"], time, row["venue"])
        return ";".join("" if field is None else str(field) for field in fields).encode()


_WEB_HEADER = b"id,time,account,visitor,event,country,plan,seconds,experiment,variant,score,title"
_PARTNER_HEADER = b"customer;opened;venue"


def user_name(person: int) -> str:
    """Return the user id of a person with an account."""
    return f"u{person:06d}"


def device_name(device: int, is_robot: bool = False) -> str:
    """Return the id of a device."""
    return f"robot-{device}" if is_robot else f"d{(device * 2_654_435_761) % (1 << 32):08x}"


def _no_user(number: int) -> str | None:
    """Return what stands in place of the user id: mostly nothing, at times a word for nobody."""
    share = number % 1000
    if share < plan.IGNORED_ID_RATE * 1000:
        return plan.IGNORED_IDS[number % 2]
    return None


def _quoted(field: Any) -> str:
    if field is None:
        return ""
    text = str(field)
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _merge(
    rows: list[Row],
    broken: Iterable[tuple[int, Row, Fault]],
    good: Callable[[Row], Any],
    bad: Callable[[Row, Fault], Any],
) -> list[Any]:
    """Return all rendered rows, each broken one after the good one it stands beside."""
    after: dict[int, list[Any]] = {}
    for at, row, fault in broken:
        after.setdefault(at, []).append(bad(row, fault))
    merged = []
    for at, row in enumerate(rows):
        merged.append(good(row))
        merged.extend(after.get(at, ()))
    return merged


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _to_json(values: Iterable[Any], names: Iterable[str]) -> str:
    """Return a JSON object; what is absent has no key."""
    pairs = zip(names, values, strict=True)
    return _ENCODE({name: value for name, value in pairs if value is not None})


_APP_KEYS = ("id", "event", "ts", "received", "user", "device", "os", "country", "version")


def _json_line(row: Row) -> bytes:
    """Return a line with times in milliseconds."""
    values = (
        row["event_id"],
        row["event_name"],
        row["at_ms"] if row["event_time"] is ... else row["event_time"],
        row["received_ms"],
        *(row[name] for name in _OTHER_FIELDS),
    )
    return _to_json(values, (*_APP_KEYS, *PROPERTIES)).encode()


_OTHER_FIELDS = ("user_id", "device_id", "platform", "country", "app_version", *PROPERTIES)
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("happened", pa.timestamp("us")),
        ("stored", pa.timestamp("us")),
        ("account", pa.string()),
        ("device", pa.string()),
        ("system", pa.string()),
        ("country", pa.string()),
        ("release", pa.string()),
        ("plan", pa.string()),
        ("seconds", pa.int64()),
        ("experiment", pa.string()),
        ("variant", pa.string()),
        ("is_bot", pa.bool_()),
        ("retry", pa.int64()),
        ("score", pa.int64()),
    ]
)


def _parquet(rows: list[Row]) -> bytes:
    """Return a Parquet file with naive UTC timestamps."""
    lines = "\n".join(
        _to_json(
            (
                row["event_id"],
                row["event_name"],
                _naive(row["at_ms"]) if row["event_time"] is ... else row["event_time"],
                _naive(row["received_ms"]),
                *(row[name] for name in _OTHER_FIELDS),
            ),
            _SCHEMA.names,
        )
        for row in rows
    )
    # Through JSON lines, because pyarrow imports pandas to take Python lists, which is slow.
    table = pyarrow.json.read_json(
        io.BytesIO(lines.encode()),
        pyarrow.json.ReadOptions(use_threads=False),
        pyarrow.json.ParseOptions(explicit_schema=_SCHEMA, unexpected_field_behavior="error"),
    )
    stream = io.BytesIO()
    pq.write_table(table.combine_chunks(), stream, compression="zstd")
    return stream.getvalue()


def _naive(at_ms: int) -> str:
    return plan.iso(at_ms).removesuffix("Z")
