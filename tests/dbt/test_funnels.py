"""Funnels against every attempt of thousands of random streams, and in parts against at once."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.engagement_oracle import at as quantile
from tests.fixtures.funnel_oracle import Attempt, Exclusion, FunnelReading, Matcher
from tests.fixtures.funnel_runs import FUNNEL_MODELS
from tests.fixtures.model_runs import Event, ModelRuns

STREAMS = 5_000
FULL_READINGS, FEWER_STREAMS = 2, 1_000
"""In the short tests the first funnels of a kind are tried on all streams, the others on fewer."""
START = datetime(2026, 3, 27, 20)
AS_OF = datetime(2026, 4, 3, 22)
"""Midnight in Berlin; the streams run over the change to summer time of 29 March."""
HOUR, DAYS = timedelta(hours=1), timedelta(days=2)
A, B, C = Matcher("a"), Matcher("b"), Matcher("c")
ABC = (A, B, C)
X = Matcher("x")


def reading(name: str, steps: tuple[Matcher, ...] = ABC, window: timedelta = HOUR, **keys: object):
    return FunnelReading(name, steps, window, **keys)  # type: ignore[arg-type]


ORDERED = (
    reading("plain", attribution="last"),
    reading("long", window=DAYS, attribution=2),
    reading("repeated", (A, A, B)),
    reading("around", (A, B, A)),
    reading("overlapping", (A, Matcher("any"), Matcher("a", n=1)), attribution=2),
    reading("optional", (A, Matcher("b", optional=True), Matcher("x", optional=True), C)),
    reading("optional_repeat", (A, Matcher("a", optional=True), B), DAYS, attribution=2),
    reading("open", enter_at="any"),
)
STRICT = (
    reading("strict", order="strict"),
    reading("strict_long", (A, B), DAYS, order="strict"),
    reading("strict_around", (A, B, A), order="strict", attribution="last"),
    reading(
        "strict_overlapping", (Matcher("any"), Matcher("b", n=1), Matcher("b")), order="strict"
    ),
    reading("strict_open", order="strict", enter_at="any"),
)
UNORDERED = (
    reading("unordered", order="unordered", attribution="last"),
    reading("unordered_first", order="unordered", require_first_step=True),
    reading("unordered_long", window=DAYS, order="unordered", attribution=2),
    reading("unordered_repeated", (A, A, B), order="unordered"),
    reading("unordered_overlapping", (Matcher("any"), Matcher("a", n=1), A), order="unordered"),
    reading("unordered_excluded", order="unordered", exclude=(Exclusion(X),)),
)
EXCLUDED = (
    reading("excluded", exclude=(Exclusion(X),)),
    reading("excluded_long", window=DAYS, exclude=(Exclusion(X, 2, 3),), attribution="last"),
    reading("excluded_early", exclude=(Exclusion(X, 1, 2),)),
    reading("excluded_twice", exclude=(Exclusion(X, 1, 3), Exclusion(Matcher("b", n=1), 2, 3))),
    reading("excluded_step", (A, B, A, C), exclude=(Exclusion(Matcher("any", n=2), 2, 4),)),
    reading("excluded_open", window=DAYS, exclude=(Exclusion(X, 2, 3),), enter_at="any"),
)
HELD = (
    reading("held", hold=("i",)),
    reading("held_two", hold=("i", "n"), window=DAYS),
    reading("held_strict", hold=("i",), order="strict"),
    reading("held_unordered", hold=("i",), order="unordered"),
    reading("held_excluded", hold=("i",), exclude=(Exclusion(X),)),
)


def make_streams(seed: int, streams: int = STREAMS) -> list[Event]:
    """Short streams with many ties, one person each."""
    rng = random.Random(seed)
    gaps = [
        timedelta(0), timedelta(0), timedelta(0), timedelta(seconds=1), timedelta(minutes=20),
        timedelta(minutes=40), HOUR, HOUR + timedelta(microseconds=1), timedelta(hours=23),
        timedelta(days=1), DAYS, DAYS + timedelta(microseconds=1),
    ]  # fmt: skip
    events = []
    for stream in range(streams):
        at = START + timedelta(hours=rng.randrange(24 * 6))
        for number in range(rng.randrange(1, 8)):
            sent: dict[str, object] = {
                "n": rng.choice([None, 1, 1, 2]),
                "p": rng.choice(["v", "w"]),
                "i": rng.choice([None, "1", "2", ["1", "2"], ["2", "2", None], []]),
            }
            events.append(
                Event(
                    user_id=f"u{stream}",
                    event_name=rng.choice("aaabbbccx"),
                    event_at=at,
                    event_id=f"{rng.random():.9f}-{stream}-{number}",
                    properties=json.dumps({k: v for k, v in sent.items() if v is not None}),
                )
            )
            at += rng.choice(gaps)
    return [event for event in events if event.event_at < AS_OF]


@dataclass(frozen=True)
class Begun:
    """An attempt of one unit, with the product day on which it began."""

    user_id: str
    held: str
    entry_date: date
    attempt: Attempt
    events: tuple[Event, ...]


def all_attempts(read: FunnelReading, runs: ModelRuns, events: list[Event]) -> list[Begun]:
    people: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        people[event.user_id].append(event)
    return [
        Begun(user_id, held, runs.local_date(attempt.times[0]), attempt, tuple(own))
        for user_id, all_own in people.items()
        for held, own in read.units(all_own).items()
        for attempt in read.attempts(own)
    ]


def grouped(begun: Iterable[Begun], *keys: str) -> dict[tuple[object, ...], list[Begun]]:
    groups: dict[tuple[object, ...], list[Begun]] = defaultdict(list)
    for one in begun:
        groups[tuple(getattr(one, key) for key in keys)].append(one)
    return groups


def best_of(begun: Sequence[Begun]) -> Begun:
    """The best attempt; of equal ones that with the earliest steps."""
    top = max(one.attempt.rank for one in begun)
    return min((one for one in begun if one.attempt.rank == top), key=lambda o: o.attempt.times)


def is_mature(read: FunnelReading, one: Begun) -> bool:
    return one.attempt.times[0] + read.window <= AS_OF


def expected_attempts(read: FunnelReading, begun: list[Begun]) -> dict[tuple[object, ...], object]:
    best_days = {
        unit: best_of(own).entry_date for unit, own in grouped(begun, "user_id", "held").items()
    }
    expected: dict[tuple[object, ...], object] = {}
    for key, own in grouped(begun, "user_id", "held", "entry_date").items():
        best = best_of(own).attempt
        alike = [
            one.attempt for one in own
            if one.attempt.times[0] == best.times[0] and one.attempt.depth == best.depth
            and one.attempt.entry_step == best.entry_step
        ]  # fmt: skip
        if best.depth == len(read.required):
            status = "converted"
        elif any(one.attempt.is_live and not is_mature(read, one) for one in own):
            status = "pending"
        elif read.exclude and not any(attempt.is_live for attempt in alike):
            status = "excluded"
        else:
            status = "dropped"
        expected[key] = (
            best.times[0],
            min(one.attempt.times[0] for one in own),
            best.times[-1] if status == "converted" else None,
            status,
            key[2] == best_days[key[:2]],
        )
    return expected


def expected_counts(
    read: FunnelReading, runs: ModelRuns, begun: list[Begun], week_starts_on: str
) -> dict[tuple[object, ...], list[int]]:
    """(period, period_start, step): units, and units among mature attempts."""

    def week(day: date) -> date:
        return day - timedelta(days=(day.weekday() + (week_starts_on == "sunday")) % 7)

    counts: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0])
    for period in ("all", "day", "week"):
        for place, chosen in enumerate((begun, [one for one in begun if is_mature(read, one)])):
            units: dict[tuple[object, ...], list[Begun]] = defaultdict(list)
            for one in chosen:
                day = one.entry_date
                start = None if period == "all" else day if period == "day" else week(day)
                units[one.user_id, one.held, start].append(one)
            for (_, _, start), own in units.items():
                best = best_of(own)
                for step, at in enumerate(read.placed(best.attempt, best.events), start=1):
                    if at is not None:
                        counts[period, start, step][place] += 1
    return dict(counts)


def expected_seconds(rows: dict[Any, Any]) -> dict[tuple[object, ...], list[float]]:
    """(period, period_start, step): quarters and last tenth since the start, median since touch.

    ``rows`` are those of funnels.attempts: the best of a unit's day, and one of them of all time.
    """
    touched: dict[tuple[object, ...], datetime] = {}
    for (user_id, held, _), (_, first_touch_at, *_) in rows.items():
        touched[user_id, held] = min(touched.get((user_id, held), first_touch_at), first_touch_at)
    taken: dict[tuple[object, ...], list[tuple[float, float]]] = defaultdict(list)
    for (user_id, held, day), row in rows.items():
        entered_at, first_touch_at, _, _, is_best, _, times, _ = row
        for step, step_at in enumerate(times, start=1):
            if step_at is None:
                continue
            since = (step_at - entered_at).total_seconds()
            taken["day", day, step].append((since, (step_at - first_touch_at).total_seconds()))
            if is_best:
                ever = (step_at - touched[user_id, held]).total_seconds()
                taken["all", None, step].append((since, ever))
    return {
        key: [
            *(
                quantile(sorted(since for since, _ in pairs), share)
                for share in (0.25, 0.5, 0.75, 0.9)
            ),
            quantile(sorted(touch for _, touch in pairs), 0.5),
        ]
        for key, pairs in taken.items()
    }


@pytest.mark.parametrize(
    "tried_in_full", [FULL_READINGS, pytest.param(100, marks=pytest.mark.long, id="all")]
)
@pytest.mark.parametrize(
    ("readings", "zone", "week"),
    [
        (ORDERED, "Europe/Berlin", "sunday"), (STRICT, "UTC", "monday"),
        (UNORDERED, "Europe/Berlin", "sunday"), (EXCLUDED, "Europe/Berlin", "monday"),
        (HELD, "America/New_York", "sunday"),
    ],
    ids=["ordered", "strict", "unordered", "excluded", "held"],
)  # fmt: skip
def test_funnels_equal_every_attempt_tried(
    tmp_path: Path, readings: tuple[FunnelReading, ...], zone: str, week: str, tried_in_full: int
) -> None:
    events = make_streams(seed=len(readings))
    runs = ModelRuns(tmp_path, zone, week)
    # A break-down of the product: a funnel that asks for names alone is read in numbers, and ids
    # only where events of one instant differ in it.
    funnels = "".join(read.yaml() for read in readings).replace("segments: [properties.p], ", "")
    product = runs.product(f"funnels:\n{funnels}", "segments: [properties.p, properties.n]")
    runs.run(product, events, FUNNEL_MODELS, as_of=AS_OF)
    found: dict[str, dict[tuple[object, ...], tuple[object, ...]]] = defaultdict(dict)
    for name, user_id, held, entry_date, *row in runs.rows(
        "select funnel_name, user_id, hold_constant_value, entry_date, entered_at, first_touch_at, "
        "converted_at, status, is_best_attempt, steps_completed, step_times, segment_values['p'] "
        "from funnels.attempts"
    ):
        found[name][user_id, held, entry_date] = tuple(row)
    counted: dict[str, dict[tuple[object, ...], list[int]]] = defaultdict(dict)
    for name, period, start, step, users, mature in runs.rows(
        "select funnel_name, period, period_start, step_index, users_count, mature_users_count "
        "from funnels.conversion where segment_name = 'all' and users_count > 0"
    ):
        counted[name][period, start, step] = [users, mature]
    seconds: dict[str, dict[tuple[object, ...], list[object]]] = defaultdict(dict)
    for name, period, start, step, *timed in runs.rows(
        "select funnel_name, period, period_start, step_index, p25_seconds, median_seconds, "
        "p75_seconds, p90_seconds, median_first_touch_seconds from funnels.conversion "
        "where segment_name = 'all' and users_count > 0 and period != 'week'"
    ):
        seconds[name][period, start, step] = timed
    assert len({event.user_id for event in events}) == STREAMS
    for place, read in enumerate(readings):
        streams = STREAMS if place < tried_in_full else FEWER_STREAMS
        people = {f"u{stream}" for stream in range(streams)}
        begun = all_attempts(read, runs, [event for event in events if event.user_id in people])
        expected = expected_attempts(read, begun)
        rows = {key: row for key, row in found[read.name].items() if key[0] in people}
        assert {key: row[:5] for key, row in rows.items()} == expected, read.name
        for key, own in grouped(begun, "user_id", "held", "entry_date").items():
            steps_completed, step_times, segment_value = rows[key][5:]
            best = best_of(own)
            possible = [
                read.placed(one.attempt, one.events) for one in own
                if one.attempt.rank == best.attempt.rank
            ]  # fmt: skip
            assert step_times in possible, (read.name, key)
            assert steps_completed == sum(at is not None for at in step_times)
            assert segment_value == read.segment_value(step_times, best.events), (read.name, key)
        if place < tried_in_full:
            assert counted[read.name] == expected_counts(read, runs, begun, week), read.name
        by_hand = expected_seconds(found[read.name])
        assert seconds[read.name].keys() == by_hand.keys()
        for counted_key, values in by_hand.items():
            assert seconds[read.name][counted_key] == pytest.approx(values), (
                read.name,
                counted_key,
            )
        statuses = {row[3] for row in rows.values()}
        assert {"converted", "dropped", "pending"} <= statuses, read.name
