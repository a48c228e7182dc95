"""Duplicates: the rule of seven days, whatever the order and the batches of the files."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from ingest_world import (
    identities,
    lake_rows,
    land,
    oracle,
    rules_of,
    run,
    source,
    state_rows,
)

from pm_pipeline.home import Home
from pm_pipeline.ingest.duplicates import later_openers

RULES = rules_of(
    source("first", "first/**/*.jsonl", id_space="shared"),
    source("second", "second/**/*.jsonl", id_space="shared"),
    source("third", "third/**/*.jsonl"),
    exclude_sql="json_extract_string(properties, '$.bot') = 'true'",
)
SPACES = {"first": "shared", "second": "shared", "third": "third"}


def event(key: str | None, at: str, **more: object) -> dict[str, object]:
    """A record of the small world."""
    return {"id": key, "user": "u", "name": "n", "at": at, **more}


def test_worked_example(home: Home) -> None:
    """Jan 1 and Jan 9 of one key are kept, Jan 7 is a copy; the same id elsewhere is another."""
    land(
        home,
        "first/a.jsonl",
        [
            event("i1", "2026-01-01T00:00:00Z"),
            event("i1", "2026-01-07T23:59:00Z"),
            event("i1", "2026-01-09T00:00:00Z"),
        ],
    )
    land(home, "third/e.jsonl", [event("i1", "2026-01-02T00:00:00Z")])
    summary = run(home, RULES)
    assert identities(home) == {
        ("first/a.jsonl", 1): "event",
        ("first/a.jsonl", 2): "duplicate",
        ("first/a.jsonl", 3): "event",
        ("third/e.jsonl", 1): "event",
    }
    assert (summary.present.events, summary.present.duplicate) == (3, 1)


def test_window_end_is_inside() -> None:
    """A copy exactly seven days after the opener is a copy; a moment later opens a window."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    week = timedelta(days=7)
    moment = timedelta(microseconds=1)
    copies = [
        (1, "a", start),
        (2, "a", start + week),
        (3, "a", start + week + moment),
        (4, "a", start + week + week + moment),
        (5, "b", start + week + week),
        (6, "b", start + 4 * week),
    ]
    assert list(later_openers(copies)) == [3, 6]


def test_earlier_copy_arriving_late_turns_a_whole_chain(home: Home) -> None:
    """Copies every five days: an earlier one, come last, swaps kept and not kept to the end."""
    days = [datetime(2026, 1, 6, tzinfo=UTC) + timedelta(days=5 * step) for step in range(8)]
    for number, day in enumerate(days):
        land(home, f"first/{number}.jsonl", [event("i", day.isoformat())])
        run(home, RULES)
    # Each second day opens a window: five days later is inside, ten days later is not.
    assert [identities(home)[f"first/{number}.jsonl", 1] for number in range(8)] == [
        "event",
        "duplicate",
    ] * 4
    land(home, "second/late.jsonl", [event("i", "2026-01-01T00:00:00+00:00")])
    run(home, RULES)
    assert [identities(home)[f"first/{number}.jsonl", 1] for number in range(8)] == [
        "duplicate",
        "event",
    ] * 4
    assert identities(home)["second/late.jsonl", 1] == "event"


def test_replacing_the_file_of_a_kept_copy_promotes_the_next(home: Home) -> None:
    """The copy that was left out enters when the kept one goes, and the ledger follows."""
    land(home, "first/a.jsonl", [event("i", "2026-01-01T00:00:00Z", plan="a")])
    land(home, "first/b.jsonl", [event("i", "2026-01-03T00:00:00Z", plan="b")])
    run(home, RULES)
    land(home, "first/a.jsonl", [event("j", "2026-01-01T00:00:00Z")])
    run(home, RULES)
    assert identities(home) == {("first/a.jsonl", 1): "event", ("first/b.jsonl", 1): "event"}
    assert state_rows(home, "select events_count, duplicate_count from files order by path") == [
        (1, 0),
        (1, 0),
    ]


def test_repeats_in_a_file_stay_and_overlaps_are_copies(home: Home) -> None:
    """Without ids: identical records of a file are all kept, the overlapping file adds one."""
    same = event(None, "2026-01-01T00:00:00Z")
    other = event(None, "2026-01-02T00:00:00Z")
    land(home, "first/a.jsonl", [same, same, other])
    land(home, "first/b.jsonl", [same, same, same])
    run(home, RULES)
    states = list(identities(home).values())
    assert (states.count("event"), states.count("duplicate")) == (4, 2)
    assert identities(home)["first/a.jsonl", 3] == "event"


def test_same_content_under_a_second_path_is_all_duplicates(home: Home) -> None:
    """The file is read and listed; none of its records enters."""
    records = [event(None, "2026-01-01T00:00:00Z"), event("x", "2026-01-01T00:00:00Z")]
    land(home, "first/a.jsonl", records)
    land(home, "first/copy.jsonl", records)
    run(home, RULES)
    assert state_rows(home, "select path, events_count, duplicate_count from files order by 1") == [
        ("first/a.jsonl", 2, 0),
        ("first/copy.jsonl", 0, 2),
    ]


def test_excluded_records_take_part_in_deduplication(home: Home) -> None:
    """An excluded record keeps its place as the first copy; it is no event."""
    land(home, "first/a.jsonl", [event("i", "2026-01-01T00:00:00Z", bot=True)])
    land(home, "first/b.jsonl", [event("i", "2026-01-02T00:00:00Z")])
    summary = run(home, RULES)
    assert identities(home) == {("first/a.jsonl", 1): "excluded", ("first/b.jsonl", 1): "duplicate"}
    assert (summary.present.accepted, summary.present.excluded) == (1, 1)


def random_record(chance: random.Random) -> dict[str, object]:
    """A record whose key, time and properties often meet those of others."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=12 * chance.randrange(80))
    record = event(
        None if chance.random() < 0.3 else f"i{chance.randrange(6)}",
        at.isoformat(),
        plan=chance.choice("ab"),
    )
    if chance.random() < 0.4:
        record["received"] = (at + timedelta(hours=12 * chance.randrange(6))).isoformat()
    if chance.random() < 0.15:
        record["bot"] = True
    return record


def text_of(records: list[dict[str, object]]) -> str:
    """The records as json lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_and_batching_gives_the_oracle(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Files added, replaced and overlapping in random batches: always the lake of one run."""
    chance = random.Random(seed)
    home = Home(tmp_path_factory.mktemp("home"))
    home.landing.mkdir()
    present: dict[str, str] = {}
    pool = [random_record(chance) for _ in range(60)]
    for _ in range(6):
        for _ in range(chance.randrange(1, 4)):
            path = f"{chance.choice(list(SPACES))}/{chance.randrange(4)}.jsonl"
            text = text_of(chance.choices(pool, k=chance.randrange(0, 12)))
            present[path] = text
            land(home, path, text)
        # A limit of one byte commits after every file.
        run(home, RULES, batch_bytes=chance.choice([1, 1 << 29]))
        expected = oracle(present, SPACES)
        assert identities(home) == expected

    rebuilt = Home(tmp_path_factory.mktemp("rebuilt"))
    for path, text in present.items():
        land(rebuilt, path, text)
    summary = run(rebuilt, RULES)
    assert lake_rows(rebuilt) == lake_rows(home)
    digests = """
        select kind, utc_date, sum(rows_count), bit_xor(digest) from lake_files
        where unlisted_at is null group by all order by all"""
    assert state_rows(rebuilt, digests) == state_rows(home, digests)
    counts = """
        select path, file_id, records_count, accepted_count, duplicate_count, rejected_count,
            events_count, excluded_count from files order by path"""
    assert state_rows(rebuilt, counts) == state_rows(home, counts)
    assert summary.present.records == len(expected)
    assert summary.present.events == list(expected.values()).count("event")
