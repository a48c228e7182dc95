"""Cohorts against their definition, asked at every instant that could matter, on random streams."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures.model_runs import Event, ModelRuns

STREAMS = 3_000
AS_OF = datetime(2026, 4, 9, 22)
"""Midnight in Berlin; the streams run over the change to summer time of 29 March."""
START = datetime(2026, 3, 26, 20)
MODELS = ["int_cohort_changes", "int_cohort_memberships", "cohort_memberships"]
COHORTS = """\
personas: {fan: {where: "active_days_last_28 > 1"}}
cohorts:
  once: {did: {event: a, within: 2 days}}
  thrice: {did: {event: any, at_least: 3, within: 25 hours}}
  paid: {did: {event: b, where: "properties.paid = true", at_least: 2, within: 7 days}}
  ever: {did: {event: a}}
  ever_twice: {did: {event: a, at_least: 2}}
  ordered: {sequence: {first: {event: a}, then: {event: b}, within: 5 hours}}
  repeated: {sequence: {first: {event: a}, then: {event: any}, within: 1 day, lasts: 2 days}}
  quiet: {did_not: {event: a, within: 2 days}}
  silent: {did_not: {event: any, within: 30 hours}}
  never: {did_not: {event: b, where: "platform = 'ios'"}}
  fans: {persona: fan}
  both: {all_of: [once, quiet_fans, thrice]}
  either: {any_of: [once, ordered], except: [paid, never]}
  quiet_fans: {any_of: [fans, quiet]}
  loud: {all_of: [either, thrice]}
  loud_twice: {any_of: [ever_twice, ordered], except: [quiet]}
"""
NO_PERSONAS = """
    create or replace table intermediate.int_user_personas as
    select '' as user_id, '' as persona, null::timestamp as valid_from, null::timestamp as valid_to
    where false
"""
Interval = tuple[datetime, datetime | None]
Inside = Callable[[datetime], bool]


def make_streams(seed: int, streams: int = STREAMS) -> list[Event]:
    """Short streams with many ties and with gaps as long as the windows, one person each."""
    rng = random.Random(seed)
    events: list[Event] = []
    for stream in range(streams):
        at = START + timedelta(hours=rng.randrange(24 * 9))
        for number in range(rng.randrange(1, 8)):
            events.append(
                Event(
                    user_id=f"u{stream}",
                    event_name=rng.choice(["a", "a", "b", "b", "c"]),
                    event_at=at,
                    event_id=f"{rng.random():.9f}-{stream}-{number}",
                    properties=rng.choice([None, '{"paid": true}', '{"paid": true}']),
                    platform=rng.choice(["ios", "web", None]),
                )
            )
            at += rng.choice(
                [
                    timedelta(0), timedelta(0), timedelta(microseconds=1), timedelta(hours=5),
                    timedelta(hours=5, microseconds=1), timedelta(hours=25), timedelta(days=1),
                    timedelta(hours=30), timedelta(days=2) - timedelta(microseconds=1),
                    timedelta(days=2), timedelta(days=3), timedelta(days=7),
                ]
            )  # fmt: skip
    return [event for event in events if event.event_at < AS_OF]


def make_personas(seed: int, events: list[Event]) -> dict[str, list[Interval]]:
    """When each person is a fan, at midnights and mostly for good."""
    rng = random.Random(seed)
    fans: dict[str, list[Interval]] = {}
    for user_id in sorted({event.user_id for event in events}):
        midnights = sorted(rng.sample(range(1, 14), rng.randrange(4)))
        times: list[datetime | None] = [START + timedelta(days=n, hours=2) for n in midnights]
        times += [None] * (len(times) % 2)
        fans[user_id] = [
            (begin, end) for begin, end in zip(times[::2], times[1::2], strict=True) if begin
        ]
    return fans


# --- the definitions, word by word -------------------------------------------------------------


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def did(times: list[datetime], least: int, within: timedelta | None) -> Inside:
    return lambda t: sum(e <= t and (within is None or e > t - within) for e in times) >= least


def did_not(times: list[datetime], seen: datetime, within: timedelta | None) -> Inside:
    if within is None:
        return lambda t: seen <= t and not any(e <= t for e in times)
    return lambda t: seen <= t - within and not any(t - within < e <= t for e in times)


def completions(firsts: list[Event], thens: list[Event], within: timedelta) -> list[datetime]:
    return [
        then.event_at
        for then in thens
        if any(
            first is not then and timedelta(0) <= then.event_at - first.event_at <= within
            for first in firsts
        )
    ]


def memberships(own: list[Event], fan: list[Interval]) -> dict[str, Inside]:
    a = [event for event in own if event.event_name == "a"]
    b = [event for event in own if event.event_name == "b"]
    seen = min(event.event_at for event in own)

    def at(events: list[Event]) -> list[datetime]:
        return [event.event_at for event in events]

    is_in: dict[str, Inside] = {
        "once": did(at(a), 1, hours(48)),
        "thrice": did(at(own), 3, hours(25)),
        "paid": did(at([event for event in b if event.properties]), 2, hours(168)),
        "ever": did(at(a), 1, None),
        "ever_twice": did(at(a), 2, None),
        "ordered": did(completions(a, b, hours(5)), 1, None),
        "repeated": did(completions(a, own, hours(24)), 1, hours(48)),
        "quiet": did_not(at(a), seen, hours(48)),
        "silent": did_not(at(own), seen, hours(30)),
        "never": did_not(at([event for event in b if event.platform == "ios"]), seen, None),
        "fans": lambda t: any(begin <= t and (end is None or t < end) for begin, end in fan),
    }
    is_in["quiet_fans"] = lambda t: is_in["fans"](t) or is_in["quiet"](t)
    is_in["both"] = lambda t: all(is_in[name](t) for name in ("once", "quiet_fans", "thrice"))
    is_in["either"] = lambda t: (
        (is_in["once"](t) or is_in["ordered"](t)) and not (is_in["paid"](t) or is_in["never"](t))
    )
    is_in["loud_twice"] = lambda t: (
        (is_in["ever_twice"](t) or is_in["ordered"](t)) and not (is_in["quiet"](t))
    )
    is_in["loud"] = lambda t: is_in["either"](t) and is_in["thrice"](t)
    return is_in


def intervals(is_in: Inside, instants: list[datetime]) -> Iterator[Interval]:
    """Between two instants that matter nothing changes, so asking at each is asking at all."""
    begun: datetime | None = None
    for instant in instants:
        if is_in(instant) and begun is None:
            begun = instant
        elif not is_in(instant) and begun is not None:
            yield begun, instant
            begun = None
    if begun is not None:
        yield begun, None


def read_plainly(
    events: list[Event], fans: dict[str, list[Interval]], as_of: datetime
) -> set[tuple[object, ...]]:
    by_person: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_person[event.user_id].append(event)
    windows = [hours(n) for n in (0, 25, 30, 48, 168)]
    rows: set[tuple[object, ...]] = set()
    for user_id, own in by_person.items():
        fan = fans.get(user_id, [])
        moments = {event.event_at + window for event in own for window in windows}
        moments |= {moment for interval in fan for moment in interval if moment}
        instants = sorted(moment for moment in moments if moment < as_of)
        for name, is_in in memberships(own, fan).items():
            rows |= {(name, user_id, *interval) for interval in intervals(is_in, instants)}
    return rows


def persona_table(fans: dict[str, list[Interval]]) -> str:
    rows = ", ".join(
        "('{}', 'fan', timestamp '{}', {}::timestamp)".format(
            user_id, begin, f"'{end}'" if end else "null"
        )
        for user_id, intervals_of in fans.items()
        for begin, end in intervals_of
    )
    return (
        "create or replace table intermediate.int_user_personas as "
        f"select * from (values {rows}) as p (user_id, persona, valid_from, valid_to)"
    )


BUILT = "select cohort_name, user_id, entered_at, left_at from core.cohort_memberships"


@pytest.mark.parametrize(("zone", "week"), [("Europe/Berlin", "sunday"), ("UTC", "monday")])
def test_cohorts_equal_their_definition(tmp_path: Path, zone: str, week: str) -> None:
    events = make_streams(1)
    fans = make_personas(1, events)
    runs = ModelRuns(tmp_path, zone, week)
    product = runs.product(COHORTS, "segments: [platform, cohorts.once, cohorts.loud_twice]")
    runs.run(
        product,
        events,
        [*MODELS, "int_events_segmented"],
        as_of=AS_OF,
        tables=persona_table(fans),
    )
    found = runs.rows(BUILT)
    expected = read_plainly(events, fans, AS_OF)
    assert len(found) == len(set(found))
    for name in {name for name, *_ in expected}:
        assert {row for row in found if row[0] == name} == {
            row for row in expected if row[0] == name
        }, name
    assert set(found) == expected
    counts = [sum(row[0] == name for row in expected) for name in {row[0] for row in expected}]
    assert len(counts) == 16 and min(counts) > 50
    values = runs.rows(
        "select user_id, event_at, segment_2, segment_3 from intermediate.int_events_segmented"
    )
    assert len(values) == len(events)
    intervals_of = defaultdict(list)
    for name, user_id, begin, end in expected:
        intervals_of[name, user_id].append((begin, end))
    for user_id, at, *segments in values:
        for name, value in zip(("once", "loud_twice"), segments, strict=True):
            own = intervals_of[name, user_id]
            is_in = any(begin <= at and (end is None or at < end) for begin, end in own)
            assert value == ("in" if is_in else "out")


def test_cohorts_in_parts_equal_cohorts_at_once(tmp_path: Path) -> None:
    """Late events, an as-of that moves, definitions that change, come and go."""
    rng = random.Random(7)
    events = make_streams(2, 800)
    other = COHORTS.replace("within: 30 hours", "within: 25 hours").replace("  ever:", "  forever:")
    parts = ModelRuns(tmp_path / "parts", "Europe/Berlin")
    known: list[Event] = []
    as_of = None
    for day, sections in [(31, COHORTS), (35, other), (37, COHORTS), (40, COHORTS)]:
        before, as_of = as_of, datetime(2026, 2, 28, 22) + timedelta(days=day)
        arrived = {event.event_id for event in known}
        came = [
            event for event in events
            if event.event_id not in arrived and event.event_at < as_of
            and (event.event_at < as_of - timedelta(days=1) or rng.random() < 0.8)
        ]  # fmt: skip
        known += came
        changed = [parts.local_date(event.event_at) for event in came]
        parts.run(
            parts.product(sections),
            known,
            MODELS,
            as_of=as_of,
            restate_from=min([*changed, parts.local_date(before)]) if before else date.min,
            tables=NO_PERSONAS,
        )
    assert as_of == AS_OF
    found = parts.rows(BUILT)
    assert len(found) == len(set(found))
    assert set(found) == read_plainly(known, {}, AS_OF)
    once = ModelRuns(tmp_path / "once", "Europe/Berlin")
    once.run(once.product(COHORTS), known, MODELS, as_of=AS_OF, tables=NO_PERSONAS)
    state = "select * from intermediate.int_cohort_changes order by all"
    assert parts.rows(state) == once.rows(state)
