"""Stages of persons and their flows against a plain reading, day by day, on random lives."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from statistics import median

import pytest

from tests.fixtures.model_runs import DAY_MODELS, EVENT_MODELS, Event, ModelRuns

MODELS = [
    *EVENT_MODELS, *DAY_MODELS, "int_user_activity", "user_stages", "user_stage_flows",
]  # fmt: skip
FIRST_DAY = date(2025, 9, 3)
LAST_DAY = date(2026, 3, 17)
"""A Tuesday: the running week is not over."""
AS_OF = datetime(2026, 3, 18)
CHANGED_FROM = date(2026, 2, 25)
Lives = dict[str, tuple[date, ...]]


def lives(seed: int, people: int = 300) -> Lives:
    """Active days of people whose pauses lie around the windows' lengths."""
    rng = random.Random(seed)
    found: Lives = {}
    for number in range(people):
        day = FIRST_DAY + timedelta(days=rng.randrange(190))
        rhythm = rng.choice([1, 2, 3, 7, 14])
        days = []
        while day <= LAST_DAY:
            days.append(day)
            pause = rng.choice([rhythm] * 6 + [2 * rhythm, 2 * rhythm + 1, 27, 28, 29, 56, 57, 90])
            day += timedelta(days=pause)
        found[f"u{number}"] = tuple(days)
    return {name: days for name, days in found.items() if days}


@cache
def stage(days: tuple[date, ...], day: date) -> str:
    """The stage of a life as of one day, from the definition."""
    past = [each for each in days if each <= day]
    if not past:
        return "(none)"
    w1 = any(day - timedelta(days=28) < each for each in past)
    w0 = any(day - timedelta(days=56) < each <= day - timedelta(days=28) for each in past)
    if not w1:
        return "dormant"
    if past[0] > day - timedelta(days=28):
        return "new"
    if not w0:
        return "resurrected"
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(past)]
    if len(gaps) >= 5 and (day - past[-1]).days > 2 * median(gaps):
        return "at_risk"
    return "current"


def since(days: tuple[date, ...], day: date) -> date:
    """The first day of the stretch of days in one stage that ends with ``day``."""
    now = stage(days, day)
    while stage(days, day - timedelta(days=1)) == now:
        day -= timedelta(days=1)
    return day


def flows(people: Lives) -> Counter[tuple[date, str, str]]:
    """People by their stages at the end of each complete week and of the one before."""
    found: Counter[tuple[date, str, str]] = Counter()
    first = min(days[0] for days in people.values())
    week = first - timedelta(days=first.weekday())
    while week + timedelta(days=6) <= LAST_DAY:
        end = week + timedelta(days=6)
        for days in people.values():
            before, after = stage(days, end - timedelta(days=7)), stage(days, end)
            if after != "(none)":
                found[week, before, after] += 1
        week += timedelta(days=7)
    return found


def events(people: Lives) -> list[Event]:
    return [
        Event(name, "a", datetime(day.year, day.month, day.day, 12), f"{name}-{day}")
        for name, days in people.items()
        for day in days
    ]


def differences(runs: ModelRuns, people: Lives) -> list[object]:
    """What the tables say otherwise than the definition does."""
    found: list[object] = []
    rows = runs.rows("select * from lifecycle.user_stages")
    expected = {
        (name, stage(days, LAST_DAY), since(days, LAST_DAY), (LAST_DAY - days[-1]).days)
        for name, days in people.items()
    }
    found += sorted(expected.symmetric_difference(rows))
    counted = {tuple(row[:3]): row[3] for row in runs.rows("from lifecycle.user_stage_flows")}
    plain = flows(people)
    found += [
        (key, counted.get(key), plain.get(key))
        for key in sorted(counted.keys() | plain.keys())
        if counted.get(key) != plain.get(key)
    ]
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> ModelRuns:
    """Built from nothing, with lives that are other ones from ``CHANGED_FROM`` on."""
    made = ModelRuns(tmp_path_factory.mktemp("lives") / "home")
    made.run(made.product(""), events(lives(1)), MODELS, as_of=AS_OF)
    return made


def test_stages_and_flows_equal_a_plain_reading(runs: ModelRuns) -> None:
    people = lives(1)
    assert {stage(days, LAST_DAY) for days in people.values()} == {
        "new", "current", "at_risk", "resurrected", "dormant",
    }  # fmt: skip
    assert differences(runs, people) == []


def test_a_changed_past_equals_everything_at_once(runs: ModelRuns) -> None:
    """From one day on the lives are those of other people: the window alone is built."""
    kept, other = lives(1), lives(2)
    mixed = {
        name: tuple(day for day in kept.get(name, ()) if day < CHANGED_FROM)
        + tuple(day for day in other.get(name, ()) if day >= CHANGED_FROM)
        for name in kept.keys() | other.keys()
    }
    people = {name: days for name, days in mixed.items() if days}
    runs.run(runs.product(""), events(people), MODELS, as_of=AS_OF, restate_from=CHANGED_FROM)
    assert differences(runs, people) == []
