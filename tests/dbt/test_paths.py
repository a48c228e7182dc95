"""Paths against a plain reading of the definition, on random streams, from nothing and in parts."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures.model_runs import EVENT_MODELS, SESSION_MODELS, Event, ModelRuns

STREAMS = 3_000
AS_OF = datetime(2026, 4, 19, 22)
"""Midnight in Berlin; the streams run over the change to summer time of 29 March."""
START = datetime(2026, 3, 26, 20)
MODELS = [*EVENT_MODELS, *SESSION_MODELS, "int_path_edges", "path_edges"]
PATHS = """\
paths:
  after_a: {from: {event: a}, within: 2 days}
  after_a_collapsed: {from: {event: a}, within: 2 days, collapse_repeats: true, interval: day}
  after_paid: {from: {event: any, where: "properties.paid = true"}, within: 5 hours, steps: 3}
  few_names:
    from: {event: b, where: "platform = 'ios'"}
    within: 7 days
    events: [a, "d'"]
    interval: month
  to_c: {to: {event: c}, within: 1 day, interval: day}
  to_c_collapsed: {to: {event: c}, within: 30 hours, collapse_repeats: true, steps: 4}
  in_session: {from: {event: b}, within: session}
  to_in_session: {to: {event: b}, within: session, collapse_repeats: true}
  sessions: {within: session, interval: day, steps: 5}
"""


def make_streams(seed: int, streams: int = STREAMS) -> list[Event]:
    """Short streams with many ties, one person each."""
    rng = random.Random(seed)
    events: list[Event] = []
    for stream in range(streams):
        at = START + timedelta(hours=rng.randrange(24 * 16))
        for number in range(rng.randrange(1, 9)):
            events.append(
                Event(
                    user_id=f"u{stream}",
                    event_name=rng.choice(["a", "a", "b", "c", "d'", "(end)"]),
                    event_at=at,
                    event_id=f"{rng.random():.9f}-{stream}-{number}",
                    session=rng.choice([None] * 5 + ["s"]),
                    properties=rng.choice([None, '{"paid": true}', '{"paid": false}']),
                    platform=rng.choice(["ios", "web", None]),
                )
            )
            at += rng.choice(
                [
                    timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(minutes=30),
                    timedelta(minutes=30, seconds=1), timedelta(hours=5), timedelta(hours=23),
                    timedelta(days=1), timedelta(days=2), timedelta(days=2, microseconds=1),
                    timedelta(days=7),
                ]
            )  # fmt: skip
    return events


# --- the plain reading -------------------------------------------------------------------------


class PathReading:
    """One path of product.yml, as its author would read it."""

    def __init__(self, runs: ModelRuns, week_starts_on: str, **keys: object) -> None:
        self.runs, self.week_starts_on = runs, week_starts_on
        self.chosen = keys.get("from_") or keys.get("to")
        self.backwards = "to" in keys
        self.within: timedelta | None = keys.get("within")  # type: ignore[assignment]
        self.names = keys.get("events")
        self.steps: int = keys.get("steps", 20)  # type: ignore[assignment]
        self.interval: str = keys.get("interval", "week")  # type: ignore[assignment]
        self.collapse = keys.get("collapse", False)

    def node(self, event: Event) -> str:
        kept = self.names is None or event.event_name in self.names  # type: ignore[operator]
        return event.event_name if kept and event.event_name != "(end)" else "(other)"

    def period(self, event: Event) -> date:
        day = self.runs.local_date(event.event_at)
        if self.interval == "day":
            return day
        if self.interval == "month":
            return day.replace(day=1)
        return day - timedelta(days=(day.weekday() + (self.week_starts_on == "sunday")) % 7)

    def walks(self, events: Sequence[Event]) -> Iterator[list[Event]]:
        """The lists that paths walk along: a person's events, or those of one session."""
        by_person = defaultdict(list)
        for event in events:
            by_person[event.user_id].append(event)
        for own in by_person.values():
            if self.within is not None:
                yield own
            else:
                yield from sessions(own)

    def paths(self, walk: list[Event]) -> Iterator[tuple[Event, list[str]]]:
        """Each path's event and the names from it on, the path's event first."""
        is_chosen = self.chosen or (lambda event: False)
        ordered = sorted(
            walk,
            key=lambda event: (
                event.event_at,
                is_chosen(event) is self.backwards,
                event.event_id,
            ),
        )
        if self.backwards:
            ordered.reverse()
        for place, event in enumerate(ordered):
            begins = is_chosen(event) if self.chosen else place == 0
            if not begins:
                continue
            names: list[str] = []
            for later in ordered[place:]:
                if self.within is not None and abs(later.event_at - event.event_at) > self.within:
                    break
                if not (self.collapse and names and names[-1] == self.node(later)):
                    names.append(self.node(later))
            yield event, names

    def edges(self, events: Sequence[Event]) -> dict[tuple[object, ...], tuple[int, int]]:
        """(period, step, from, to): (users, transitions)."""
        users: dict[tuple[object, ...], set[str]] = defaultdict(set)
        transitions: dict[tuple[object, ...], int] = defaultdict(int)
        for walk in self.walks(events):
            for event, names in self.paths(walk):
                ends = ["(end)", "(start)"] if self.backwards else ["(start)", "(end)"]
                nodes = [ends[0], *names, ends[1]]
                for step in range(1, min(self.steps, len(names) + 1) + 1):
                    pair = nodes[step - 1 : step + 1]
                    key = (self.period(event), step, *(pair[::-1] if self.backwards else pair))
                    users[key].add(event.user_id)
                    transitions[key] += 1
        return {key: (len(users[key]), transitions[key]) for key in users}


def sessions(own: list[Event]) -> Iterator[list[Event]]:
    """Gap above 30 minutes, or 24 hours after the first event; sent ids apart, cut at 24 hours."""
    streams = defaultdict(list)
    for event in own:
        streams[event.session].append(event)
    for session, stream in streams.items():
        current: list[Event] = []
        for event in sorted(stream, key=lambda event: (event.event_at, event.event_id)):
            gap = current and event.event_at - current[-1].event_at > timedelta(minutes=30)
            if current and (
                (gap and session is None)
                or event.event_at - current[0].event_at >= timedelta(hours=24)
            ):
                yield current
                current = []
            current.append(event)
        yield current


def readings(runs: ModelRuns, week_starts_on: str) -> dict[str, PathReading]:
    def named(name: str):
        return lambda event: event.event_name == name

    def path(**keys: object) -> PathReading:
        return PathReading(runs, week_starts_on, **keys)

    return {
        "after_a": path(from_=named("a"), within=timedelta(days=2)),
        "after_a_collapsed": path(
            from_=named("a"), within=timedelta(days=2), collapse=True, interval="day"
        ),
        "after_paid": path(
            from_=lambda event: event.properties == '{"paid": true}',
            within=timedelta(hours=5), steps=3,
        ),
        "few_names": path(
            from_=lambda event: event.event_name == "b" and event.platform == "ios",
            within=timedelta(days=7), events=["a", "b", "d'"], interval="month",
        ),
        "to_c": path(to=named("c"), within=timedelta(days=1), interval="day"),
        "to_c_collapsed": path(
            to=named("c"), within=timedelta(hours=30), collapse=True, steps=4
        ),
        "in_session": path(from_=named("b")),
        "to_in_session": path(to=named("b"), collapse=True),
        "sessions": path(interval="day", steps=5),
    }  # fmt: skip


def built_edges(runs: ModelRuns) -> dict[str, dict[tuple[object, ...], tuple[int, int]]]:
    found: dict[str, dict[tuple[object, ...], tuple[int, int]]] = defaultdict(dict)
    for name, *key, users, transitions in runs.rows(
        "select path_name, period_start, step_index, from_event, to_event, users_count, "
        "transitions_count from engagement.path_edges"
    ):
        found[name][tuple(key)] = (users, transitions)
    return dict(found)


@pytest.mark.parametrize(("zone", "week"), [("Europe/Berlin", "sunday"), ("UTC", "monday")])
def test_paths_equal_a_plain_reading(tmp_path: Path, zone: str, week: str) -> None:
    events = [event for event in make_streams(1) if event.event_at < AS_OF]
    runs = ModelRuns(tmp_path, zone, week)
    runs.run(runs.product(PATHS), events, MODELS, as_of=AS_OF)
    found = built_edges(runs)
    expected = {name: read.edges(events) for name, read in readings(runs, week).items()}
    assert found.keys() == expected.keys()
    for name, edges in expected.items():
        assert found[name] == edges, name
    assert all(len(edges) > 50 for edges in expected.values())


def test_paths_in_parts_equal_paths_at_once(tmp_path: Path) -> None:
    """Late events, an as-of that moves, definitions that change, come and go."""
    rng = random.Random(7)
    events = make_streams(2, 600)
    other = PATHS.replace("within: 2 days}", "within: 3 days}").replace("to_c:", "to_d:")
    parts = ModelRuns(tmp_path / "parts", "Europe/Berlin", "sunday")
    known: list[Event] = []
    as_of = None
    for day, sections in [(31, PATHS), (38, other), (50, PATHS)]:
        before, as_of = as_of, datetime(2026, 3, 1, 22) + timedelta(days=day - 1)
        arrived = {event.event_id for event in known}
        came = [
            event for event in events
            if event.event_id not in arrived and event.event_at < as_of
            and (event.event_at < as_of - timedelta(days=3) or rng.random() < 0.8)
        ]  # fmt: skip
        known += came
        changed = [parts.local_date(event.event_at) for event in came]
        parts.run(
            parts.product(sections),
            known,
            MODELS,
            as_of=as_of,
            restate_from=min([*changed, parts.local_date(before)]) if before else date.min,
        )
    once = ModelRuns(tmp_path / "once", "Europe/Berlin", "sunday")
    once.run(once.product(PATHS), known, MODELS, as_of=AS_OF)
    assert as_of == AS_OF
    query = "select * from engagement.path_edges order by all"
    assert parts.rows(query) == once.rows(query)
    assert {row[-1] for row in once.rows(query)} == {True, False}
