"""Sessions, engagement, growth and personas against their plain reading, on random streams."""

from __future__ import annotations

import math
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.engagement_oracle import Cells, Oracle
from tests.fixtures.model_runs import (
    DAY_MODELS,
    EVENT_MODELS,
    SESSION_MODELS,
    Event,
    ModelRuns,
)

PEOPLE = [2_500, pytest.param(5_000, marks=pytest.mark.long)]
START = datetime(2026, 2, 3, 1)
AS_OF = datetime(2026, 4, 21, 10)
"""A Tuesday noon in Berlin: the running day, week and month are not over."""
ZONE = "Europe/Berlin"
SETTINGS = (
    "session_timeout: {default: 30 minutes, iOS: 5 minutes, tv: 2 hours}, "
    "active_events: [a, b], segments: [platform]"
)
SECTIONS = """\
features:
  early: {events: [b, c]}
  late: {events: [c, d], launched_on: 2026-03-20}
personas:
  regular: {where: "active_days_last_28 >= 4 and sessions_count > 5"}
  talker: {where: "events_count >= 12 and last_seen_at >= '2026-03-01 10:00:00'"}
  old: {where: "active_days_count >= 3 and active_days_last_28 = 0"}
  visitor: {where: "active_days_last_28 >= 1 and is_identified"}
"""
MODELS = [
    *EVENT_MODELS, *SESSION_MODELS, *DAY_MODELS, "int_users", "int_new_users",
    "int_subject_period_counts", "int_user_persona_changes", "int_user_personas", "users",
    "user_personas", "active_users", "session_lengths", "power_user_curve",
    "calendar_active_users", "event_matrix", "feature_adoption", "accounting",
]  # fmt: skip
TABLES = {
    "engagement.session_lengths": 3,
    "engagement.power_user_curve": 3,
    "engagement.calendar_active_users": 4,
    "engagement.event_matrix": 2,
    "engagement.feature_adoption": 2,
    "growth.accounting": 4,
}
"""The tables by the number of their key's columns, which come first."""
OTHER_TABLES = [
    "core.users", "core.user_personas", "intermediate.int_sessions", "engagement.active_users",
]  # fmt: skip
GAPS = [
    timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(minutes=5),
    timedelta(minutes=5, microseconds=1), timedelta(minutes=29), timedelta(minutes=30),
    timedelta(minutes=30, seconds=1), timedelta(hours=2), timedelta(hours=2, microseconds=1),
    timedelta(hours=11), timedelta(hours=24),
]  # fmt: skip
RESTLESS = ["ios", "iOS", None]


def make_streams(seed: int, people: int) -> list[Event]:
    """Visits on random days, with gaps about the time-outs and ties; some never stop for a day."""
    rng = random.Random(seed)
    events: list[Event] = []
    for person in range(people):
        user = f"u{person}" if person % 5 else f"device:{person}"
        days = int(78 * rng.random())
        for _ in range(rng.randrange(1, 11)):
            instant = START + timedelta(days=days, seconds=rng.randrange(86_400))
            days = (days + rng.choice([0, 1, 1, 1, 2, 7, 7, 20, 29, 30])) % 78
            is_long = rng.random() < 0.005
            count = 150 if is_long else rng.randrange(1, 6)
            sent = rng.choice([None] * 9 + ["s"])
            for number in range(count):
                events.append(
                    Event(
                        user_id=user,
                        event_name=rng.choice("aaabcd"),
                        event_at=instant,
                        event_id=f"{rng.random():.9f}-{number}",
                        session=sent,
                        platform=rng.choice(["web", "tv"] + ([] if is_long else RESTLESS)),
                    )
                )
                instant += rng.choice(GAPS[4:7] if is_long else GAPS)
    return events


def oracle(events: list[Event], runs: ModelRuns, as_of: datetime) -> Oracle:
    return Oracle(
        events,
        as_of=as_of,
        local_date=runs.local_date,
        timeouts={None: timedelta(minutes=30), "ios": timedelta(minutes=5),
                  "tv": timedelta(hours=2)},
        active={"a", "b"},
        features={"early": ({"b", "c"}, None), "late": ({"c", "d"}, date(2026, 3, 20))},
    )  # fmt: skip


def persona(row: dict[str, Any]) -> str:
    if row["active_days_last_28"] >= 4 and row["sessions_count"] > 5:
        return "regular"
    if row["events_count"] >= 12 and row["last_seen_at"] >= datetime(2026, 3, 1, 10):
        return "talker"
    if row["active_days_count"] >= 3 and row["active_days_last_28"] == 0:
        return "old"
    if row["active_days_last_28"] >= 1 and not row["user_id"].startswith("device:"):
        return "visitor"
    return "(none)"


def cells_of(runs: ModelRuns, table: str) -> Cells:
    key = TABLES[table]
    return {row[:key]: row[key:] for row in runs.rows(f"select * from {table}")}


def assert_same(found: Cells, expected: Cells) -> None:
    assert found.keys() == expected.keys()
    for key, cell in expected.items():
        for value, wanted in zip(found[key], cell, strict=True):
            if isinstance(wanted, float) and value is not None:
                assert math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9), (key, cell)
            else:
                assert value == wanted, (key, found[key], cell)


@pytest.fixture(scope="module", params=PEOPLE)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ModelRuns, Oracle]:
    people: int = request.param
    events = make_streams(1, people)
    runs = ModelRuns(tmp_path_factory.mktemp("engagement") / "home", ZONE, "sunday")
    runs.run(runs.product(SECTIONS, SETTINGS), events, MODELS, as_of=AS_OF)
    return runs, oracle(events, runs, AS_OF)


def test_sessions_equal_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    found = runs.rows(
        "select user_id, source_session_id, session_date, started_at, ended_at, duration_seconds,"
        " events_count, entry_event_name, exit_event_name, segment_1 from intermediate.int_sessions"
    )
    expected = [
        (first.user_id, first.session, plain.day(first), first.event_at, last.event_at,
         session.seconds, len(session.events), first.event_name, last.event_name,
         first.platform or "(none)")
        for session in plain.sessions
        for first, last in [(session.events[0], session.events[-1])]
    ]  # fmt: skip
    assert sorted(map(str, found)) == sorted(map(str, expected))
    assert len(expected) > 15_000
    cut = [session for session in plain.sessions if session.seconds > 23 * 3600]
    assert len(cut) > 20, "few sessions last so long that the 24 hours cut them"


def test_session_lengths_equal_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    assert_same(cells_of(runs, "engagement.session_lengths"), plain.session_lengths())


def test_the_power_user_curve_equals_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    assert_same(cells_of(runs, "engagement.power_user_curve"), plain.power_user_curve())


def test_calendar_actives_equal_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    assert_same(cells_of(runs, "engagement.calendar_active_users"), plain.calendar_active_users())


def test_the_event_matrix_equals_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    assert_same(cells_of(runs, "engagement.event_matrix"), plain.event_matrix())


def test_feature_adoption_equals_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    assert_same(cells_of(runs, "engagement.feature_adoption"), plain.feature_adoption())


def test_growth_equals_a_plain_reading(built: tuple[ModelRuns, Oracle]) -> None:
    runs, plain = built
    expected = plain.growth_accounting()
    assert_same(cells_of(runs, "growth.accounting"), expected)
    (week,) = [cell for key, cell in expected.items() if key[3] == date(2026, 3, 15) and
               key[:3] == ("product", "product", "week")]  # fmt: skip
    assert min(week[1:10]) > 10, "every flow is there"


def test_personas_equal_a_plain_reading_at_the_end_of_every_day(
    built: tuple[ModelRuns, Oracle],
) -> None:
    runs, plain = built
    now, changes = plain.personas(persona)
    assert dict(runs.rows("select user_id, persona from core.users")) == now
    found = runs.rows(
        "select user_id, persona, state_date from intermediate.int_user_persona_changes"
    )
    assert sorted(found) == sorted(changes)
    assert {name for _, name, _ in changes} == {"regular", "talker", "old", "visitor", "(none)"}


def test_parts_equal_everything_at_once(tmp_path: Path) -> None:
    """Late events, an as-of that moves, personas and features that change and come back."""
    rng = random.Random(5)
    events = make_streams(2, 300)
    other = SECTIONS.replace("last_28 >= 4", "last_28 >= 3").replace("[b, c]", "[b]")
    steps = [
        (datetime(2026, 3, 9, 23), SECTIONS), (datetime(2026, 4, 2, 15), other), (AS_OF, SECTIONS),
    ]  # fmt: skip
    parts = ModelRuns(tmp_path / "parts", ZONE, "sunday")
    known: list[Event] = []
    before = None
    for as_of, sections in steps:
        arrived = {event.event_id for event in known}
        came = [
            event for event in events
            if event.event_id not in arrived and event.event_at < as_of and rng.random() < 0.9
        ]  # fmt: skip
        known += came
        changed = [parts.local_date(event.event_at) for event in came]
        parts.run(
            parts.product(sections, SETTINGS), known, MODELS, as_of=as_of,
            restate_from=min([*changed, parts.local_date(before)]) if before else date.min,
        )  # fmt: skip
        before = as_of
    once = ModelRuns(tmp_path / "once", ZONE, "sunday")
    once.run(once.product(SECTIONS, SETTINGS), known, MODELS, as_of=AS_OF)
    for table in (*TABLES, *OTHER_TABLES):
        query = f"select * from {table} order by all"
        found, expected = parts.rows(query), once.rows(query)
        assert_same(dict(enumerate(found)), dict(enumerate(expected)))
