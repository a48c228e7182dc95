"""Fifty experiments with metrics of every kind against a plain scan of all events.

Belongs here: the SQL models from events to sufficient statistics, built at once and in two parts,
in a zone whose clocks change inside the windows. Does not belong here: what is concluded of the
statistics (``tests/unit/analysis/experiments``), worked examples (unit tests beside the models).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.fixtures.model_runs import Event, ModelRuns

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 10, tzinfo=UTC).replace(tzinfo=None)
USERS, EXPERIMENTS = 700, 50
AS_OF = datetime(2026, 4, 18, 22)
"""Midnight in Berlin; the clocks went forward on 29 March."""
MODELS = [
    "int_events_segmented", "int_exposure_events", "int_exposures", "int_experiment_periods",
    "int_experiment_unit_values", "exposures", "sufficient_statistics",
]  # fmt: skip
NO_PERSONAS = """
    create or replace table intermediate.int_user_persona_changes as
    select '' as user_id, date '2026-01-01' as state_date, '' as persona where false
"""
METRICS = """\
metrics:
  times: {event: play, aggregate: count}
  loud: {event: play, aggregate: count, where: "properties.amount > 50"}
  amount: {event: play, aggregate: sum, value: properties.amount}
  large: {event: play, aggregate: sum, value: "properties.amount + 100000000"}
  capped: {event: any, aggregate: sum, value: properties.amount, cap: 90}
  trimmed: {event: play, aggregate: sum, value: properties.amount, cap: 80%}
  days: {event: any, aggregate: unique_days}
  did: {event: buy, aggregate: proportion}
  rate: {numerator: loud, denominator: times}
  back: {retention: habit, period: 2}
  later: {retention: weekly, period: 0}
retention:
  habit:
    start: {event: any}
    return: {event: play, at_least: 2}
    interval: day
    periods: 5
    metrics: []
  weekly: {start: {event: any}, return: {event: any}, interval: week, periods: 2, metrics: []}
experiments:
"""
NAMES = ["times", "loud", "amount", "large", "capped", "trimmed", "days", "did", "rate", "back",
         "later"]  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """One of the experiments."""

    name: str
    number: int
    unit: str
    start: date
    end: date | None
    window: int
    before: int
    metrics: tuple[str, ...]
    is_triggered: bool

    def text(self) -> str:
        first, *others = self.metrics
        return (
            f"  {self.name}: {{unit: {self.unit}, exposure: {{event: shown, "
            f'where: "properties.test = {self.number % 10}", variant: properties.arm}}, '
            "variants: {a: 0.5, b: 0.3, c: 20%}, "
            f"start: {self.start}, {f'end: {self.end}, ' if self.end else ''}"
            + (
                'activation: {event: play, where: "properties.amount < 40"}, '
                if self.is_triggered
                else ""
            )
            + f"metrics: {{primary: [{first}], secondary: [{', '.join(others)}]}}, "
            f"metric_window: {self.window} days, pre_exposure_window: {self.before} days}}\n"
        )


def tried() -> list[Tried]:
    rng = random.Random(7)
    found = []
    for number in range(EXPERIMENTS):
        start = date(2026, 3, 12) + timedelta(days=rng.randrange(12))
        end = start + timedelta(days=rng.randrange(3, 20)) if rng.random() < 0.7 else None
        found.append(
            Tried(
                f"x{number}", number, ("user", "properties.team")[number % 3 == 1],
                start, end, rng.choice([7, 8, 14]), rng.choice([0, 3, 10]),
                tuple(rng.sample(NAMES, 4) if number else NAMES), number % 4 == 2,
            )
        )  # fmt: skip
    return found


def make_events(seed: int) -> list[Event]:
    """Events at round hours and at one instant, of users on several devices and in teams."""
    rng = random.Random(seed)
    events = []
    for user in range(USERS):
        at = START + timedelta(hours=rng.randrange(24 * 20))
        arm = rng.choice("aabbc")
        for number in range(rng.choice([2, 5, 12, 30])):
            at += timedelta(hours=rng.choice([0, 0, 1, 5, 12, 24, 24, 48, 71]))
            name = rng.choice(["shown", "play", "play", "buy", "other"])
            shown_arm = rng.choice([arm] * 12 + ["a", "z"])
            properties: dict[str, Any] = {"team": f"t{user % 90}"} if user % 4 else {}
            if name == "shown":
                properties |= {"test": rng.randrange(10), "arm": shown_arm}
            elif rng.random() < 0.9:
                properties["amount"] = rng.randrange(100)
            events.append(
                Event(
                    f"u{user}", name, at, f"{rng.random():.9f}-{user}-{number}",
                    properties=json.dumps(properties), platform=rng.choice(["ios", "web", None]),
                )
            )  # fmt: skip
    return [event for event in events if event.event_at < AS_OF]


def unit_of(event: Event, unit: str) -> str | None:
    if unit == "user":
        return event.user_id
    team: str | None = json.loads(event.properties or "{}").get("team")
    return team


def midnight(day: date) -> datetime:
    at = datetime.combine(day, datetime.min.time(), ZONE)
    return at.astimezone(UTC).replace(tzinfo=None)


def product_day(at: datetime) -> date:
    return at.replace(tzinfo=UTC).astimezone(ZONE).date()


@dataclass(frozen=True)
class Unit:
    """What a plain scan finds of a unit."""

    variant: str
    exposed: datetime
    second: datetime | None
    exposures: int
    variants: int
    reason: str | None
    segment: str
    event_id: str
    is_activated: bool | None

    def is_closed(self, window: int) -> bool:
        return self.exposed + timedelta(hours=24 * window) <= AS_OF


def scan_units(of: Tried, events: Sequence[Event]) -> dict[str, Unit]:
    shown = defaultdict(list)
    everything = defaultdict(list)
    for event in events:
        unit = unit_of(event, of.unit)
        if unit is None:
            continue
        everything[unit].append(event)
        carried = json.loads(event.properties or "{}")
        is_before_end = of.end is None or event.event_at < midnight(of.end)
        if event.event_name == "shown" and carried["test"] == of.number % 10 and is_before_end:
            shown[unit].append((event.event_at, event.event_id, carried["arm"], event))
    found = {}
    for unit, exposures in shown.items():
        exposures.sort(key=lambda one: one[:2])
        at, event_id, variant, _ = exposures[0]
        others = [one[0] for one in exposures if one[2] != variant]
        variants = len({one[2] for one in exposures})
        reason = None
        if at < midnight(of.start):
            reason = "exposed_before_start"
        elif variant == "z":
            reason = "unknown_variant"
        elif variants > 1:
            reason = "several_variants"
        known = [
            (event.event_at, event.event_id, event.platform)
            for event in everything[unit]
            if event.platform and (event.event_at, event.event_id) <= (at, event_id)
        ]
        segment = max(known)[2] if known else "(none)"
        is_activated = None
        if of.is_triggered and reason in (None, "several_variants"):
            until = at + timedelta(hours=24 * of.window)
            is_activated = any(
                event.event_name == "play"
                and json.loads(event.properties or "{}").get("amount", 99) < 40
                and at <= event.event_at < until
                and event.event_id != event_id
                for event in everything[unit]
            )
            if not is_activated:
                reason = reason or "not_activated"
        found[unit] = Unit(
            variant, at, min(others) if others else None, len(exposures), variants, reason,
            str(segment), event_id, is_activated,
        )  # fmt: skip
    return found


def matches(event: Event, metric: str) -> float | None:
    """What an event adds to a metric; None when it does not count."""
    amount = json.loads(event.properties or "{}").get("amount")
    if metric == "did":
        return 1.0 if event.event_name == "buy" else None
    if metric in ("days", "later"):
        return 1.0
    if metric == "capped":
        return amount
    if event.event_name != "play":
        return None
    if metric in ("times", "back"):
        return 1.0
    if metric == "loud":
        return 1.0 if amount is not None and amount > 50 else None
    if amount is None:
        return None
    return amount + 1e8 if metric == "large" else float(amount)


def value_of(metric: str, mine: Sequence[Event], unit: Unit, low: int, high: int) -> float:
    """Add up the events of periods low to high (without it), by their exact instants."""
    hours = timedelta(hours=24)
    since, until = unit.exposed + low * hours, unit.exposed + high * hours
    if metric == "back":
        since, until = unit.exposed + 2 * hours, unit.exposed + 3 * hours
    if metric == "later":
        since, until = unit.exposed, unit.exposed + 7 * hours
    inside = [
        (event, added)
        for event in mine
        if since <= event.event_at < until and event.event_id != unit.event_id
        and (added := matches(event, metric)) is not None
    ]  # fmt: skip
    if metric == "days":
        return float(len({(event.event_at - unit.exposed) // hours for event, _ in inside}))
    if metric in ("did", "later"):
        return float(bool(inside))
    if metric == "back":
        return float(len(inside) >= 2)
    total = float(sum(added for _, added in inside))
    return min(total, 90.0) if metric == "capped" else total


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return make_events(3)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> ModelRuns:
    return build(tmp_path_factory.mktemp("at_once"), [(events, AS_OF, None)])


def build(root: Path, runs: Sequence[tuple[Sequence[Event], datetime, date | None]]) -> ModelRuns:
    models = ModelRuns(root, zone="Europe/Berlin")
    product = models.product(
        METRICS + "".join(each.text() for each in tried()), settings="segments: [platform]"
    )
    for events, as_of, restate in runs:
        more = {} if restate is None else {"restate_from": restate}
        models.run(product, events, MODELS, as_of=as_of, tables=NO_PERSONAS, **more)
    return models


def test_every_exposure_is_that_of_a_plain_scan(built: ModelRuns, events: list[Event]) -> None:
    rows = built.rows(
        "select experiment_name, unit_id, first_variant, first_exposed_at, second_exposed_at,"
        " exposures_count, variants_count, exclusion_reason, is_closed, is_activated,"
        " segment_values['platform'] from experiments.exposures"
    )
    found = {row[:2]: row[2:] for row in rows}
    expected = {
        (of.name, name): (
            unit.variant, unit.exposed, unit.second, unit.exposures, unit.variants, unit.reason,
            unit.is_closed(of.window), unit.is_activated, unit.segment,
        )
        for of in tried()
        for name, unit in scan_units(of, events).items()
    }  # fmt: skip
    assert len(expected) > 4_000
    assert {key: value for key, value in found.items() if expected.get(key) != value} == {}
    assert found.keys() == expected.keys()
    reasons = {value[5] for value in expected.values()}
    assert reasons == {
        None, "exposed_before_start", "unknown_variant", "several_variants", "not_activated",
    }  # fmt: skip


def test_every_statistic_equals_numpy_on_the_scanned_units(
    built: ModelRuns, events: list[Event]
) -> None:
    columns = "metric_mean, denominator_mean, covariate_mean, covariate_denominator_mean"
    names = ["metric", "denominator", "covariate", "covariate_denominator"]
    pairs = [(a, b) for index, a in enumerate(names) for b in names[index:]]
    rows = built.rows(
        "select experiment_name, metric_name, variant, analysis_set, segment_name, segment_value,"
        f" exposure_date, users_count, open_users_count, {columns},"
        f" {', '.join(f'{a}_{b}_comoment' for a, b in pairs)}"
        " from experiments.sufficient_statistics"
    )
    assert len({row[:2] for row in rows}) > 100
    found = {row[:7]: row[7:] for row in rows}
    compared = 0
    for of in tried():
        for key, (values, still_open) in scanned_groups(of, events).items():
            closed, opened, *numbers = found.pop((of.name, *key))
            assert (closed, opened) == (len(values), still_open)
            if not values:
                continue
            table = np.array(values, dtype=np.longdouble)  # values near 1e9 ask for more digits
            expected = [*table.mean(axis=0)]
            apart = table - table.mean(axis=0)
            expected += [
                float(apart[:, names.index(a)] @ apart[:, names.index(b)]) for a, b in pairs
            ]
            for one, other in zip(numbers, expected, strict=True):
                assert (one or 0.0) == pytest.approx(float(other), rel=1e-9, abs=1e-6), (
                    of.name,
                    key,
                )
                compared += 1
    assert found == {}
    assert compared > 50_000


def scanned_groups(of: Tried, events: Sequence[Event]) -> dict[tuple[Any, ...], Any]:
    """Every group's closed units as (metric, denominator and both before), and its open ones."""
    units = {
        name: unit
        for name, unit in scan_units(of, events).items()
        if unit.reason in (None, "several_variants", "not_activated")
    }
    mine = defaultdict(list)
    for event in events:
        unit = unit_of(event, of.unit)
        if unit in units:
            mine[unit].append(event)
    groups: dict[tuple[Any, ...], Any] = {}
    for metric in of.metrics:
        parts = ("loud", "times") if metric == "rate" else (metric, None)
        after, before = {}, {}
        for name, unit in units.items():
            after[name] = [
                value_of(part, mine[name], unit, 0, of.window) if part else 0.0 for part in parts
            ]
            before[name] = [
                value_of(part, mine[name], unit, -of.before, 0)
                if part and of.before and metric not in ("back", "later")
                else 0.0
                for part in parts
            ]
        if metric == "trimmed":
            known = [
                after[name][0] for name, unit in units.items()
                if unit.is_closed(of.window) and unit.reason is None
            ]  # fmt: skip
            cap = float(np.quantile(known, 0.8)) if known else float("inf")
            for part_of in (after, before):
                for values in part_of.values():
                    values[0] = min(values[0], cap)
        for name, unit in units.items():
            day = product_day(unit.exposed)
            slices = [("all", "all"), ("platform", unit.segment)]
            keys = []
            if unit.is_activated is not False:
                keys += [("first_variant", *part) for part in slices]
            if unit.reason is None:
                keys += [("default", *part) for part in slices]
            if unit.is_activated is not None:
                keys.append(("exposed_first_variant", "all", "all"))
                if unit.reason != "several_variants":
                    keys.append(("exposed", "all", "all"))
            for key in keys:
                group = groups.setdefault((metric, unit.variant, *key, day), ([], 0))
                if unit.is_closed(of.window):
                    group[0].append((*after[name], *before[name]))
                else:
                    groups[metric, unit.variant, *key, day] = (group[0], group[1] + 1)
    return groups


def test_in_parts_with_late_events_is_the_same_as_at_once(
    built: ModelRuns, events: list[Event], tmp_path: Path
) -> None:
    first = datetime(2026, 3, 30, 22)
    rng = random.Random(5)
    late = {event.event_id for event in events if rng.random() < 0.03}
    known = [e for e in events if e.event_at < first and e.event_id not in late]
    restate = min(product_day(e.event_at) for e in events if e.event_id in late)
    restate = max(restate, date(2026, 3, 20))
    known += [e for e in events if e.event_id in late and product_day(e.event_at) < restate]
    parts = build(tmp_path, [(known, first, None), (events, AS_OF, restate)])
    for table, columns in (
        ("experiments.exposures", "* exclude (segment_values), segment_values::varchar"),
        ("intermediate.int_experiment_periods", "*"),
        (
            "experiments.sufficient_statistics",
            "experiment_name, metric_name, variant, analysis_set, segment_name, segment_value,"
            " exposure_date, users_count, open_users_count, round(metric_mean, 3)",
        ),
    ):
        rows = f"select {columns} from {table} order by all"
        assert parts.rows(rows) == built.rows(rows)
