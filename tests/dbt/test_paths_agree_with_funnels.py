"""A path from an event and the funnels that begin with it, side by side in one database."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from tests.fixtures.funnel_runs import FUNNEL_MODELS
from tests.fixtures.model_runs import Event, ModelRuns

AS_OF = datetime(2026, 4, 19, 22)
START = datetime(2026, 3, 26, 20)
NAMES = ["a", "b", "c", "d"]
SECTIONS = """\
paths: {after_a: {from: {event: a}, within: 2 days}}
cohorts: {keen: {did: {event: a, at_least: 2, within: 1 day}}}
funnels:
""" + "".join(
    f"  a_{name}: {{steps: [{{name: one, event: a}}, {{name: two, event: {name}}}], "
    "order: strict, window: 2 days, segments: [cohorts.keen]}\n"
    for name in NAMES
)


def make_streams(seed: int, streams: int) -> list[Event]:
    """Streams in which no two different events share an instant: there a funnel has the choice."""
    rng = random.Random(seed)
    events: list[Event] = []
    for stream in range(streams):
        at = START + timedelta(hours=rng.randrange(24 * 16))
        name = rng.choice(NAMES)
        for number in range(rng.randrange(1, 9)):
            events.append(Event(f"u{stream}", name, at, f"{rng.random():.9f}-{stream}-{number}"))
            if rng.random() < 0.2:
                continue  # the same event once more at this instant
            name = rng.choice(["a", *NAMES])
            at += rng.choice(
                [timedelta(seconds=1), timedelta(hours=5), timedelta(days=1), timedelta(days=2),
                 timedelta(days=2, microseconds=1), timedelta(days=7)]
            )  # fmt: skip
    return [event for event in events if event.event_at < AS_OF]


def test_paths_and_funnels_count_the_same_users(tmp_path: Path) -> None:
    runs = ModelRuns(tmp_path, "Europe/Berlin", "sunday")
    models = ["int_path_edges", "path_edges", "int_cohort_changes", "int_cohort_memberships"]
    models += FUNNEL_MODELS
    runs.run(runs.product(SECTIONS), make_streams(5, 3_000), models, as_of=AS_OF)
    conversions = runs.rows(
        "select funnel_name, period_start, step_index, users_count from funnels.conversion "
        "where period = 'week' and segment_name = 'all'"
    )
    steps = {
        (period, step, to_event): users
        for period, step, to_event, users in runs.rows(
            "select period_start, step_index, to_event, users_count "
            "from engagement.path_edges where step_index <= 2"
        )
    }
    entrants = {row[:2]: row[3] for row in conversions if row[2] == 1}
    converted = {row[:2]: row[3] for row in conversions if row[2] == 2 and row[3] > 0}
    weeks = {period for period, step, _ in steps if step == 1}
    assert len(weeks) >= 4
    for name in NAMES:
        assert {week: entrants[f"a_{name}", week] for week in weeks} == {
            week: steps[week, 1, "a"] for week in weeks
        }
        assert {week: converted.get((f"a_{name}", week), 0) for week in weeks} == {
            week: steps.get((week, 2, name), 0) for week in weeks
        }
    assert sum(converted.values()) > 1_000
    # In and out as of the start of the attempt: a user may count in both, never in neither.
    parts = runs.rows(
        "select period_start, sum(users_count), max(users_count), "
        "list(segment_value order by segment_value) from funnels.conversion "
        "where period = 'week' and step_index = 1 and segment_name = 'keen' "
        "and funnel_name = 'a_b' group by period_start"
    )
    assert {week for week, *_ in parts} == weeks
    for week, total, most, values in parts:
        assert values == ["in", "out"]
        assert most <= entrants["a_b", week] <= total
