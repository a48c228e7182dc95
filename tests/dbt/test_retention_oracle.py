"""The retention models, compiled and run by dbt, against brute force on random users.

Belongs here: all combinations of a retention's settings, in zones with daylight saving and with
both beginnings of the week, built at once and in two runs of which the second sees late events.
Does not belong here: the worked examples (unit tests beside the models).
"""

from __future__ import annotations

import itertools
import os
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from retention_oracle import Calendar, Event, Metric, Oracle, Retention

from pm_pipeline.home import Home
from pm_pipeline.options import midnight
from pm_pipeline.product import load_product
from pm_pipeline.state import open_state
from pm_pipeline.transform.project import PROJECT_DIRECTORY, dbt_environment
from pm_pipeline.transform.run_window import BEGINNING, RunWindow, prepare_database
from tests.fixtures.model_runs import DAY_MODELS, EVENT_MODELS, PERSONS

FIRST_DAY = date(2026, 2, 20)
DAYS = 75
USERS, ALL_USERS = 800, 5_000
MODELS = (
    " ".join([*EVENT_MODELS, *DAY_MODELS])
    + " int_user_metric_days path:models/intermediate/retention path:models/marts/retention"
)
SETTINGS = itertools.product(
    ("calendar", "rolling"),
    (True, False),
    (1, 2),
    (("day", False), ("week", True), ("month", True)),
)
METRICS = [
    Metric("times", "any", "count"),
    Metric("amount", "b", "sum", where=True),
    Metric("days", "any", "unique_days", where=True),
    Metric("did", "b", "proportion"),
    Metric("at_most", "a", "sum", cap=25),
]
RETENTIONS = [
    Retention(
        name=f"{interval}_{clock}_{number}",
        start="any" if number % 3 == 0 else "a",
        return_="any" if number % 4 < 2 else "b",
        interval=interval,
        periods={"day": 9, "week": 4, "month": 2}[interval],
        clock=clock,
        first_time=first_time,
        at_least=at_least,
        start_where=where and number % 2 == 0,
        return_where=where and number % 4 != 1,
        brackets=((1, 3), (2, 5))[number % 2 :] if interval == "day" else ((1, 2),),
        metric=METRICS[number % 5],
    )
    for number, (clock, first_time, at_least, (interval, where)) in enumerate(SETTINGS)
]


@dataclass(frozen=True)
class Place:
    """Where the product's clocks hang, and which retentions it follows."""

    zone: str
    week_starts_on: str
    retentions: tuple[Retention, ...]


# Clocks that go forward, and clocks that differ from UTC by half an hour.
PLACES = [
    Place("Europe/Berlin", "sunday", tuple(RETENTIONS[0::2])),
    Place("Asia/Kolkata", "monday", tuple(RETENTIONS[1::2])),
]


def product_text(place: Place) -> str:
    lines = [
        f"product: {{name: Tiny, timezone: {place.zone}, week_starts_on: {place.week_starts_on},"
        " segments: [platform]}",
        'sources: [{name: app, path: "*.csv", format: csv,'
        " columns: {user_id: u, event_name: n, event_time: t}}]",
        "metrics:",
        *(
            f"  {metric.name}: {{event: {metric.event}, aggregate: {metric.aggregate}"
            f"{', value: properties.amount' if metric.aggregate == 'sum' else ''}"
            f"{', where: properties.paid' if metric.where else ''}"
            f"{f', cap: {metric.cap}' if metric.cap else ''}}}"
            for metric in METRICS
        ),
        "retention:",
    ]
    for of in place.retentions:
        where = ', where: "properties.paid = true"'
        first = ", first_time: true" if of.first_time else ""
        lines.append(
            f"  {of.name}: {{start: {{event: {of.start}{first}{where if of.start_where else ''}}},"
            f" return: {{event: {of.return_}, at_least: {of.at_least}"
            f"{where if of.return_where else ''}}}, interval: {of.interval},"
            f" periods: {of.periods}, clock: {of.clock},"
            f" metrics: [{of.metric.name if of.metric else ''}],"
            f" brackets: {[list(bracket) for bracket in of.brackets]}}}"
        )
    return "\n".join(lines)


def random_events(seed: int, people: int = USERS) -> dict[str, list[Event]]:
    """Events of few and many days, at round hours, around midnight, at one instant."""
    rng = random.Random(seed)
    users: dict[str, list[Event]] = {}
    start = datetime.combine(FIRST_DAY, datetime.min.time(), UTC)
    for number in range(people):
        at = start + timedelta(days=rng.random() * DAYS * 0.8)
        events = []
        for _ in range(rng.choice([1, 2, 4, 9, 20])):
            events.append(
                Event(
                    at.replace(microsecond=0),
                    rng.choice("aabc"),
                    rng.choice(["ios", "web", "(none)"]),
                    rng.random() < 0.7,
                    rng.randrange(-5, 20),
                )
            )
            pause = rng.choice([0, 0.01, 0.3, 1, 1, 1, 2, 3, 7, 30]) * (1 + rng.random() * 0.2)
            at += timedelta(days=pause)
            if rng.random() < 0.3:
                at = at.replace(minute=rng.choice([0, 30, 59]), second=0)
            if rng.random() < 0.1:
                at = at.replace(hour=rng.choice([18, 22, 23]), minute=rng.choice([0, 29, 59]))
        users[f"u{number}"] = events
    return users


class World:
    """A home whose identified events are given, and dbt on it in this process."""

    def __init__(self, home: Home, place: Place) -> None:
        self.home, self.place = home, place
        home.product_file.write_text(product_text(place))
        self.product = load_product(home.product_file)
        with open_state(home):
            pass

    def build(self, events: dict[str, list[Event]], as_of: datetime, restate: date) -> None:
        """Run the models on these events, replacing what sees ``restate`` or later."""
        from dbt.adapters.duckdb import connections
        from dbt.cli.main import dbtRunner

        window = RunWindow(
            "run", self.home.working_database, as_of, restate, None, False, is_rebuild=False
        )
        prepare_database(self.home, self.product, window)
        zone = ZoneInfo(self.place.zone)
        rows = [
            (user, e.name, e.at.replace(tzinfo=None), e.at.astimezone(zone).date(), e.at.date(),
             None if e.platform == "(none)" else e.platform,
             f'{{"paid": {str(e.is_paid).lower()}, "amount": {e.amount}}}')
            for user, of_user in events.items() for e in of_user
        ]  # fmt: skip
        with duckdb.connect(str(self.home.working_database)) as connection:
            connection.execute("create schema if not exists intermediate")
            connection.execute(
                "create or replace table intermediate.int_events_identified (user_id varchar,"
                " event_name varchar, event_at timestamp, event_date date, utc_date date,"
                " platform varchar, properties json)"
            )
            columns = [list(column) for column in zip(*rows, strict=True)]
            connection.execute(
                "insert into intermediate.int_events_identified select"
                + ", ".join(f" unnest(${n})" for n in range(1, 8)),
                columns,
            )
            connection.execute(
                "alter table intermediate.int_events_identified"
                " add column source_session_id varchar"
            )
            connection.execute(PERSONS)
            connection.execute(
                "create or replace table intermediate.int_run_window as"
                " select 'run' as run_id, cast(? as date) as restate_from",
                [restate],
            )
            connection.execute(
                "update definitions.windows set is_changed = ?", [restate == BEGINNING]
            )
        os.environ.update(dbt_environment(self.home, self.home.working_database))
        arguments = ["--quiet", "run", "--select", *MODELS.split()]
        for flag, path in {
            "--project-dir": PROJECT_DIRECTORY, "--profiles-dir": PROJECT_DIRECTORY,
            "--target-path": self.home.dbt, "--log-path": self.home.dbt,
        }.items():  # fmt: skip
            arguments += [flag, str(path)]
        try:
            ended = dbtRunner().invoke(arguments)
        finally:
            connections.DuckDBConnectionManager.close_all_connections()
        assert ended.success, ended.exception or [
            (result.node.name, result.message) for result in ended.result if result.message
        ]

    def table(self, retention: str, query: str) -> dict[Any, Any]:
        """The rows of a query, with $1 for the retention, by all columns but the last tuple."""
        with duckdb.connect(str(self.home.working_database), read_only=True) as connection:
            return {
                tuple(key.values()) if isinstance(key, dict) else key: tuple(rest)
                for key, *rest in connection.execute(query, [retention]).fetchall()
            }


QUERIES = {
    "cohorts": "select {a: segment_name, b: segment_value, c: cohort_start, d: period_index},"
    " cohort_users, retained_users, retained_on_or_after_users,"
    " retained_on_or_after_within_horizon_users, is_complete"
    " from retention.cohorts where retention_name = $1",
    "curve": "select {a: segment_name, b: segment_value, c: period_index}, eligible_users,"
    " retained_users, retained_on_or_after_users from retention.curve where retention_name = $1",
    "brackets": "select {a: segment_name, b: segment_value, c: cohort_start, d: bracket},"
    " cohort_users, retained_users, is_complete"
    " from retention.brackets where retention_name = $1",
    "value_by_age": "select {a: cohort_start, b: period_index},"
    " cohort_users, value, users_with_value, is_complete"
    " from retention.value_by_age where retention_name = $1",
    "usage_intervals": "select interval_days, users_count, cumulative_rate"
    " from retention.usage_intervals where retention_name = $1",
}


def assert_equal(world: World, events: dict[str, list[Event]], as_of: datetime) -> None:
    calendar = Calendar(ZoneInfo(world.place.zone), world.place.week_starts_on)
    seen = 0
    for retention in world.place.retentions:
        oracle = Oracle(retention, calendar, events, as_of)
        for name, query in QUERIES.items():
            found, expected = world.table(retention.name, query), getattr(oracle, name)()
            differing = {
                key: (found.get(key), expected.get(key))
                for key in found.keys() | expected.keys()
                if found.get(key) != expected.get(key)
            }
            first = sorted(differing.items(), key=str)[:3]
            assert not differing, f"{retention}: {name}: {len(differing)} differ: {first}"
            seen += len(found)
    assert seen > 5_000


def some_of(
    events: dict[str, list[Event]], since: datetime, share: float, seed: int
) -> dict[str, list[Event]]:
    """All events before an instant, and a share of those after it."""
    rng = random.Random(seed)
    return {
        user: [event for event in of_user if event.at < since or rng.random() < share]
        for user, of_user in events.items()
    }


@pytest.mark.parametrize(
    ("place", "people"),
    [
        (PLACES[1], USERS),
        *(pytest.param(place, ALL_USERS, marks=pytest.mark.long) for place in PLACES),
    ],
)
def test_what_is_built_at_once_agrees_with_brute_force(
    home: Home, place: Place, people: int
) -> None:
    events = random_events(seed=2, people=people)
    world = World(home, place)
    as_of = midnight(FIRST_DAY + timedelta(days=DAYS), place.zone)
    world.build(events, as_of, BEGINNING)
    assert_equal(world, events, as_of)


def test_what_is_built_on_agrees_with_brute_force(home: Home) -> None:
    """Events come late, others are gone, and as-of has moved: only what sees them is replaced."""
    place = PLACES[0]
    events = random_events(seed=1)
    world = World(home, place)
    restate = FIRST_DAY + timedelta(days=41)
    since = midnight(restate, place.zone)
    early = some_of(events, since, share=0.8, seed=7)
    world.build(early, midnight(FIRST_DAY + timedelta(days=50), place.zone), BEGINNING)
    late = some_of(events, since, share=0.9, seed=8)
    as_of = midnight(FIRST_DAY + timedelta(days=DAYS + 5), place.zone)
    world.build(late, as_of, restate)
    assert_equal(world, late, as_of)
