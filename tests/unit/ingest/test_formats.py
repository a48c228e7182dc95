"""Every format and every verdict, from real files."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import zstandard
from ingest_world import lake_rows, land, rules_of, run, source, state_rows

from pm_pipeline.home import Home
from pm_pipeline.ingest import ColumnRule

GOOD = '{"id": "1", "user": "u", "name": "n", "at": "2026-01-01T10:00:00Z", "plan": "free"}'
REJECTED = (
    "select line_number, reason, field, record, record_encoding from rejected_records order by 1"
)
COUNTS = "select records_count, accepted_count, duplicate_count, rejected_count from files"


def columns(**more: ColumnRule) -> dict[str, ColumnRule]:
    rules = {
        "user_id": ColumnRule("user"),
        "event_name": ColumnRule("name"),
        "event_time": ColumnRule("at"),
    }
    return {**rules, **more}


def test_canonical_columns_of_json(home: Home) -> None:
    record = {
        "id": 7,
        "user": "u",
        "device": "d",
        "name": "n",
        "at": "2026-01-01T10:00:00+02:00",
        "received": "2026-01-01 08:00:01.5",
        "seconds": 1.5,
        "nested": {"a": [1, None]},
    }
    land(home, "a.jsonl", [record])
    run(home)
    names = (
        "source_name, source_event_id, source_user_id, device_id, source_session_id, event_name, "
        "event_at, received_at, time_source, platform, properties, source_file, record_number"
    )
    assert lake_rows(home, names) == [
        (
            "app",
            "7",
            "u",
            "d",
            None,
            "n",
            datetime(2026, 1, 1, 8),
            datetime(2026, 1, 1, 8, 0, 1, 500_000),
            "event_time",
            None,
            '{"seconds":1.5,"nested":{"a":[1,null]}}',
            "a.jsonl",
            1,
            "event",
        )
    ]


BAD_LINES: list[tuple[bytes, str, str | None]] = [
    (b"{bad", "invalid_json", None),
    (b"[1, 2]", "not_an_object", None),
    (b"null", "not_an_object", None),
    (b'{"user": "u", "at": "2026-01-01"}', "missing_event_name", "event_name"),
    (b'{"user": "u", "name": " ", "at": "2026-01-01"}', "missing_event_name", "event_name"),
    (b'{"user": "u", "name": "n"}', "missing_event_time", "event_time"),
    (b'{"user": "u", "name": "n", "at": "soon"}', "invalid_event_time", "event_time"),
    (b'{"user": "u", "name": "n", "at": "2026-02-30"}', "invalid_event_time", "event_time"),
    (b'{"user": "u", "name": "n", "at": 5}', "invalid_event_time", "event_time"),
    (
        b'{"user": "u", "name": "n", "at": "2026-01-01", "received": "x"}',
        "invalid_received_at",
        "received_at",
    ),
    (b'{"name": "n", "at": "2026-01-01"}', "missing_identity", "user_id"),
    (
        b'{"user": "guest", "device": "", "name": "n", "at": "2026-01-01"}',
        "missing_identity",
        "user_id",
    ),
    (
        b'{"user": "u", "name": "n", "at": "1999-12-31T23:59:59Z"}',
        "before_earliest_event",
        "event_time",
    ),
    (
        b'{"user": "u", "name": "n", "at": "2026-01-03", "received": "2026-01-01T23:00:00Z"}',
        "in_future",
        "event_time",
    ),
    (b'{"user": "u", "name": "n", "at": "2026-03-02T00:00:01Z"}', "in_future", "event_time"),
]


def test_rejected_lines_keep_their_text(home: Home) -> None:
    lines = [GOOD.encode(), *(line for line, _, _ in BAD_LINES)]
    land(home, "a.jsonl", b"\n".join(lines))
    run(home, rules_of(ignore_ids=("guest",)))
    assert state_rows(home, REJECTED) == [
        (number, reason, field, line.decode(), "utf8")
        for number, (line, reason, field) in enumerate(BAD_LINES, start=2)
    ]
    assert state_rows(home, COUNTS) == [(len(lines), 1, 0, len(BAD_LINES))]


def test_bytes_that_are_no_text(home: Home) -> None:
    land(home, "a.jsonl", b'{"user": "\xff"}\n' + GOOD.encode())
    run(home)
    [(number, reason, _, record, encoding)] = state_rows(home, REJECTED)
    assert (number, reason, encoding) == (1, "invalid_utf8", "base64")
    assert base64.b64decode(str(record)) == b'{"user": "\xff"}'
    assert state_rows(home, COUNTS) == [(2, 1, 0, 1)]


def test_line_ends_marks_and_blank_lines(home: Home) -> None:
    """The same records, however the file is written, are the same content."""
    other = GOOD.replace('"1"', '"2"')
    land(home, "a.jsonl", f"{GOOD}\n{other}\n")
    land(home, "b.jsonl", b"\xef\xbb\xbf" + f"{GOOD}\r\n\r\n  \n{other}".encode())
    run(home)
    # Which of the two is kept is for their hashes to say.
    assert sorted(state_rows(home, COUNTS)) == [(2, 0, 2, 0), (2, 2, 0, 0)]
    hashes = {row[0] for row in lake_rows(home, "content_hash")}
    assert len(hashes) == 2


def test_long_lines_are_records_and_long_evidence_is_cut(home: Home) -> None:
    long = "x" * 9_000_000
    good = json.dumps({"user": "u", "name": "n", "at": "2026-01-01", "text": long})
    bad = "{" + "é" * 100_000
    land(home, "a.jsonl", f"{good}\n{bad}\n{GOOD}")
    run(home)
    assert state_rows(home, COUNTS) == [(3, 2, 0, 1)]
    [(number, reason, _, record, _)] = state_rows(home, REJECTED)
    assert (number, reason) == (2, "invalid_json")
    assert bad.startswith(str(record)) and len(str(record).encode()) <= 64 << 10
    [(size,)] = {row[:1] for row in lake_rows(home, "max(strlen(properties))")}
    assert int(str(size)) > 9_000_000


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_files_are_known_by_their_bytes(home: Home, pack) -> None:  # type: ignore[no-untyped-def]
    text = (GOOD + "\n").encode()
    land(home, "a.jsonl", pack(text) + pack(text.replace(b'"1"', b'"2"')))
    run(home)
    assert state_rows(home, COUNTS) == [(2, 2, 0, 0)]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_cut_off_file_enters_as_a_whole_or_not_at_all(home: Home, pack) -> None:  # type: ignore[no-untyped-def]
    lines = "".join(GOOD.replace('"1"', f'"{number}"') + "\n" for number in range(50_000))
    packed = pack(lines.encode())
    land(home, "bad.jsonl.gz", packed[:-9])
    land(home, "good.jsonl", GOOD)
    summary = run(home)
    assert [(file.path, file.reason) for file in summary.unread] == [("bad.jsonl.gz", "unreadable")]
    assert "cut off" in summary.unread[0].detail
    assert state_rows(home, "select path, records_count from files") == [("good.jsonl", 1)]
    assert state_rows(home, "select path, reason from unread_files") == [
        ("bad.jsonl.gz", "unreadable")
    ]
    land(home, "bad.jsonl.gz", packed)
    summary = run(home)
    assert not summary.unread
    assert summary.present.records == 50_001


def test_garbage_is_listed_and_the_others_go_on(home: Home) -> None:
    garbage = bytes(range(256)) * 64
    land(home, "a.parquet", garbage)
    land(home, "b.gz.jsonl", b"\x1f\x8b" + garbage)
    land(home, "c.jsonl", GOOD)
    land(home, "d.txt", b"?")
    summary = run(home, rules_of(source(), source("typed", "*.parquet", format="parquet")))
    assert [(file.path, file.reason) for file in summary.unread] == [
        ("a.parquet", "unreadable"),
        ("b.gz.jsonl", "unreadable"),
        ("d.txt", "no_source"),
    ]
    assert summary.present.events == 1


def test_csv(home: Home) -> None:
    text = (
        "\ufeffuser;name;at;note;empty\r\n"
        'u1;"two\r\nlines";1767225600;"a ""b""";\r\n'
        "\r\n"
        "u2;short;1\r\n"
        "u3;n;1767225600.25;;x"
    )
    rules = rules_of(
        source(
            path="*.csv",
            format="csv",
            delimiter=";",
            columns=columns(event_time=ColumnRule("at", format="epoch_s")),
        )
    )
    land(home, "a.csv", text)
    run(home, rules)
    assert lake_rows(home, "source_user_id, event_name, event_at, properties, record_number") == [
        ("u1", "two\r\nlines", datetime(2026, 1, 1), '{"note":"a \\"b\\""}', 2, "event"),
        ("u3", "n", datetime(2026, 1, 1, 0, 0, 0, 250_000), '{"empty":"x"}', 6, "event"),
    ]
    assert state_rows(home, REJECTED) == [(5, "wrong_column_count", None, "u2;short;1", "utf8")]


@pytest.mark.parametrize(
    ("header", "detail"),
    [("user,name,at,at", "twice: at"), ("users,name,at", "did you mean 'users'")],
)
def test_csv_header_that_cannot_be_used(home: Home, header: str, detail: str) -> None:
    land(home, "a.csv", f"{header}\nu,n,2026-01-01\n")
    summary = run(home, rules_of(source(path="*.csv", format="csv", columns=columns())))
    assert summary.unread[0].reason == "unreadable"
    assert detail in summary.unread[0].detail
    assert summary.present.records == 0


def test_parquet_keeps_types(home: Home) -> None:
    location = home.landing / "a.parquet"
    duckdb.execute(
        f"""copy (
            select 5 as "user", 'n' as name, timestamptz '2026-01-01 10:00:00+02' as at,
                date '2026-01-02' as received, true as flag, {{'a': 1.5}} as nested,
                null::int as gone
            union all
            select null, 'm', timestamptz '2026-01-01 10:00:00+02', null, false, null, 1
        ) to '{location}' (format parquet)"""
    )
    land(home, "a.parquet", location.read_bytes())
    received = {"received_at": ColumnRule("received")}
    run(home, rules_of(source(path="*.parquet", format="parquet", columns=columns(**received))))
    assert lake_rows(home, "source_user_id, event_at, received_at, properties") == [
        (
            "5",
            datetime(2026, 1, 1, 8),
            datetime(2026, 1, 2),
            '{"flag":true,"nested":{"a":1.5}}',
            "event",
        )
    ]
    [(number, reason, field, record, _)] = state_rows(home, REJECTED)
    assert (number, reason, field) == (2, "missing_identity", "user_id")
    assert json.loads(str(record))["name"] == "m"


def test_parquet_column_that_is_not_there_or_needs_a_format(home: Home) -> None:
    location = home.landing / "a.parquet"
    duckdb.execute(
        f"""copy (select 'u' as "user", 'n' as name, 1 as at) to '{location}' (format parquet)"""
    )
    land(home, "a.parquet", location.read_bytes())
    summary = run(home, rules_of(source(path="*.parquet", format="parquet", columns=columns())))
    assert "give it a format" in summary.unread[0].detail
    wrong = columns(user_id=ColumnRule("usr"))
    summary = run(home, rules_of(source(path="*.parquet", format="parquet", columns=wrong)))
    assert "did you mean 'user'?" in summary.unread[0].detail


TIMES: list[tuple[object, dict[str, str], datetime | None]] = [
    ("2026-01-01T10:00:00Z", {}, datetime(2026, 1, 1, 10)),
    ("2026-01-01T10:00:00.123456789Z", {}, datetime(2026, 1, 1, 10, 0, 0, 123456)),
    ("2026-01-01 10:00:00,5+0530", {}, datetime(2026, 1, 1, 4, 30, 0, 500_000)),
    ("2026-01-01T10:00-05", {}, datetime(2026, 1, 1, 15)),
    ("2026-01-01t10:00:00z ", {}, datetime(2026, 1, 1, 10)),
    ("2026-01-01", {}, datetime(2026, 1, 1)),
    ("2026-01-01", {"timezone": "Europe/Berlin"}, datetime(2025, 12, 31, 23)),
    # An offset in the text is stronger than the column's zone.
    ("2026-01-01T10:00:00Z", {"timezone": "Europe/Berlin"}, datetime(2026, 1, 1, 10)),
    # A gap and a fold of the clock: some instant, never an error.
    ("2025-03-30 02:30:00", {"timezone": "Europe/Berlin"}, datetime(2025, 3, 30, 1, 30)),
    ("2025-10-26 02:30:00", {"timezone": "Europe/Berlin"}, datetime(2025, 10, 26, 1, 30)),
    (1767225600, {"format": "epoch_s"}, datetime(2026, 1, 1)),
    ("1767225600.123456", {"format": "epoch_s"}, datetime(2026, 1, 1, 0, 0, 0, 123456)),
    ("1.7672256E9", {"format": "epoch_s"}, datetime(2026, 1, 1)),
    (1767225600123, {"format": "epoch_ms"}, datetime(2026, 1, 1, 0, 0, 0, 123_000)),
    (1767225600123456, {"format": "epoch_us"}, datetime(2026, 1, 1, 0, 0, 0, 123456)),
    ("01/02/2026 10:00", {"format": "%d/%m/%Y %H:%M"}, datetime(2026, 2, 1, 10)),
    (
        "01/02/2026 10:00",
        {"format": "%d/%m/%Y %H:%M", "timezone": "America/New_York"},
        datetime(2026, 2, 1, 15),
    ),
    ("01/02/2026 10:00 +0200", {"format": "%d/%m/%Y %H:%M %z"}, datetime(2026, 2, 1, 8)),
    ("99999999999999", {"format": "epoch_s"}, None),
    ("999999999999", {"format": "epoch_s"}, None),
    ("infinity", {}, None),
    ("0x10", {"format": "epoch_s"}, None),
]


def test_times(home: Home) -> None:
    """Each in a file and a source of its own, so that no other row lends it a hand."""
    sources = []
    for number, (text, rule, _) in enumerate(TIMES):
        land(home, f"{number:02d}.jsonl", [{"user": "u", "name": "n", "at": text}])
        at = columns(event_time=ColumnRule("at", **rule))
        sources.append(source(f"s{number}", f"{number:02d}.jsonl", columns=at))
    summary = run(home, rules_of(*sources))
    assert not summary.unread
    read = {row[0]: row[1] for row in lake_rows(home, "source_file, event_at")}
    rejected = state_rows(home, "select path, reason from rejected_records")
    for number, (text, _, expected) in enumerate(TIMES):
        path = f"{number:02d}.jsonl"
        assert read.get(path) == expected, text
        assert ((path, "invalid_event_time") in rejected) is (expected is None), text


def test_listed_properties_and_keys_that_differ_in_case(home: Home) -> None:
    record = {"user": "u", "User": "v", "name": "n", "at": "2026-01-01", "a b": None, 'q"': [1]}
    land(home, "a.jsonl", [record])
    rules = rules_of(source(columns=columns(), properties=("User", "a b", 'q"', "none", "name")))
    run(home, rules)
    [(user, properties, _)] = lake_rows(home, "source_user_id, properties")
    assert user == "u"
    assert json.loads(str(properties)) == {"User": "v", 'q"': [1], "name": "n"}


WITHOUT_PANDAS = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from ingest_world import rules_of, run, source
from pm_pipeline.home import Home

csv = source("csv", "*.csv", format="csv")
summary = run(Home(Path(sys.argv[2])), rules_of(source(), csv))
assert (summary.present.events, summary.present.rejected) == (2, 1), summary
assert "pandas" not in sys.modules
"""


def test_no_event_passes_through_pandas(home: Home) -> None:
    land(home, "a.jsonl", b"\xff\n" + GOOD.encode())
    land(home, "b.csv", "id,user,name,at,received,device\n2,u,n,2026-01-01,,\n")
    command = [sys.executable, "-c", WITHOUT_PANDAS, str(Path(__file__).parent), str(home.root)]
    subprocess.run(command, check=True)
