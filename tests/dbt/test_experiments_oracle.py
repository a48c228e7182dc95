"""Fifty experiments with metrics of every kind against a plain scan of all events.

Belongs here: the SQL models from events to sufficient statistics, built at once and in two parts,
in a zone whose clocks change inside the windows. Does not belong here: what is concluded of the
statistics (``tests/unit/analysis/experiments``), worked examples (unit tests beside the models).
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from experiments_oracle import product_day, scan_units, scanned_groups, scanned_overlaps
from experiments_tried import (
    AS_OF,
    FUNNELS,
    METRICS,
    WALKS,
    make_events,
    make_personas,
    tried,
)

from pm_pipeline.home import Home
from tests.conftest import age, command, published
from tests.fixtures.model_runs import Event, ModelRuns

KINDS_OF_PEOPLE = """\
personas:
  eager: {where: "active_days_last_28 >= 3"}
  calm: {where: "active_days_last_28 >= 1"}
"""
MODELS = [
    "int_events_segmented", "int_events_listed", "int_event_kinds",
    "int_exposure_events", "int_exposures", "int_experiment_periods",
    "int_funnel_events", "int_funnel_crowded_instants", "int_funnel_instants",
    "int_funnel_starts", "int_funnel_chains", "int_funnel_scans", "int_funnel_sets",
    "int_funnel_best_attempts", "int_funnel_placed_attempts", "int_funnel_attempts",
    "int_funnel_unit_attempts", "attempts",
    "int_experiment_unit_values", "exposures", "sufficient_statistics",
    "overlaps",
]  # fmt: skip
NO_OTHERS = """
    create or replace table intermediate.int_sessions as
    select '' as session_id, '' as user_id, '' as source_session_id, now()::timestamp as started_at
    where false
"""
PERSONAS = make_personas(4)
PERSONA_CHANGES = """
    create or replace table intermediate.int_user_persona_changes
    (user_id varchar, state_date date, persona varchar);
"""


NAMES = ("metric", "denominator", "covariate", "covariate_denominator")
PAIRS = [(one, other) for one in range(len(NAMES)) for other in range(one, len(NAMES))]
STATISTICS = (
    "select experiment_name, metric_name, variant, analysis_set, segment_name, segment_value,"
    " exposure_date, users_count, open_users_count, "
    + ", ".join(f"{name}_mean" for name in NAMES)
    + ", "
    + ", ".join(f"{NAMES[one]}_{NAMES[other]}_comoment" for one, other in PAIRS)
    + ", half_change_mean, half_change_comoment from experiments.sufficient_statistics"
)
SOURCE = """\
product: {name: Tried, timezone: Europe/Berlin, segments: [platform]}
sources:
  - name: app
    path: "*.jsonl"
    format: jsonl
    columns: {event_id: id, user_id: u, device_id: d, event_name: n, event_time: t, platform: p}
    properties: [team, test, arm, amount]
"""


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return make_events(3)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> ModelRuns:
    return build(tmp_path_factory.mktemp("at_once"), [(events, AS_OF, None)])


def build(root: Path, runs: Sequence[tuple[Sequence[Event], datetime, date | None]]) -> ModelRuns:
    models = ModelRuns(root, zone="Europe/Berlin")
    rows = ", ".join(
        f"('{user}', date '{day}', '{name}')"
        for user, changes in PERSONAS.items()
        for day, name in changes
    )
    others = f"{NO_OTHERS};{PERSONA_CHANGES}"
    others += f"insert into intermediate.int_user_persona_changes values {rows}"
    experiments = "".join(each.text() for each in tried())
    product = models.product(
        METRICS + experiments + FUNNELS + KINDS_OF_PEOPLE, settings="segments: [platform]"
    )
    for events, as_of, restate in runs:
        more = {} if restate is None else {"restate_from": restate}
        models.run(product, events, MODELS, as_of=as_of, tables=others, **more)
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
    assert len(expected) > 3_000
    assert {key: value for key, value in found.items() if expected.get(key) != value} == {}
    assert found.keys() == expected.keys()
    reasons = {value[5] for value in expected.values()}
    assert reasons == {
        None, "exposed_before_start", "unknown_variant", "several_variants", "not_activated",
    }  # fmt: skip


def assert_statistics(
    found: dict[tuple[Any, ...], tuple[Any, ...]],
    events: Sequence[Event],
    personas: Mapping[str, Sequence[tuple[date, str]]],
) -> None:
    """Compare every row with numpy on the units of a plain scan."""
    compared = 0
    for of in tried():
        for key, (values, still_open) in scanned_groups(of, events, personas).items():
            closed, opened, *numbers = found.pop((of.name, *key))
            assert (closed, opened) == (len(values), still_open)
            if not values:
                continue
            table = np.array(values, dtype=np.longdouble)  # values near 1e9 ask for more digits
            means, apart = table.mean(axis=0), table - table.mean(axis=0)
            spreads = (apart**2).sum(axis=0)
            # What is the difference of larger numbers is as exact as they are.
            expected = [(mean, abs(mean)) for mean in means[:4]]
            expected += [
                (apart[:, a] @ apart[:, b], (spreads[a] * spreads[b]) ** 0.5) for a, b in PAIRS
            ]
            expected += [(means[4], abs(means[0])), (spreads[4], spreads[4])]
            for one, (other, size) in zip(numbers, expected, strict=True):
                near = pytest.approx(float(other), rel=1e-9, abs=1e-9 * float(size))
                assert (one or 0.0) == near, (of.name, key)
                compared += 1
    assert found == {}
    assert compared > 100_000


def test_every_statistic_equals_numpy_on_the_scanned_units(
    built: ModelRuns, events: list[Event]
) -> None:
    rows = built.rows(STATISTICS)
    assert len({row[:2] for row in rows}) > 100
    assert_statistics({row[:7]: row[7:] for row in rows}, events, PERSONAS)


@pytest.mark.long
def test_so_it_is_through_the_whole_pipeline(tmp_path: Path) -> None:
    """Files in, gates passed, published: the same fifty experiments in one home."""
    home = Home(tmp_path / "home")
    home.landing.mkdir(parents=True)
    sources = SOURCE + METRICS + "".join(each.text() for each in tried()) + FUNNELS
    home.product_file.write_text(sources, encoding="utf-8")
    made = make_events(3)
    file = home.landing / "all.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for event in made:
            carried = json.loads(event.properties or "{}")
            lines.write(json.dumps(carried | {
                "id": event.event_id, "u": event.user_id, "d": event.device_id,
                "n": event.event_name, "t": f"{event.event_at.isoformat()}Z", "p": event.platform,
            }) + "\n")  # fmt: skip
    age(file)
    ran = command("run", "--as-of", "2026-04-19", home=home)
    assert ran.code == 0, ran.output
    with published(home) as connection:
        seen = connection.execute(
            "select user_id, event_name, event_at, event_id, device_id, platform,"
            " properties::varchar from core.events"
        ).fetchall()
        rows = connection.execute(STATISTICS).fetchall()
        decided = connection.execute("select count(*) from experiments.decisions").fetchone()
    assert len(seen) == len(made)
    events = [
        Event(user, name, at, number, properties=carried, platform=platform, device_id=device)
        for user, name, at, number, device, platform, carried in seen
    ]
    assert_statistics({row[:7]: row[7:] for row in rows}, events, {})
    assert decided == (3 * len(tried()),)


def test_units_of_two_experiments_are_those_that_a_plain_scan_finds_in_both(
    built: ModelRuns, events: list[Event]
) -> None:
    found = {
        row[:5]: row[5:]
        for row in built.rows(
            "select experiment_name, other_experiment_name, metric_name, variant, other_variant,"
            " users_count, metric_mean, metric_metric_comoment from experiments.overlaps"
        )
    }
    expected = scanned_overlaps(tried(), events)
    assert len(expected) > 500
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        table = np.array(values, dtype=np.longdouble)
        spread = float(((table - table.mean()) ** 2).sum())
        assert found[key][0] == len(values)
        assert found[key][1:] == pytest.approx((float(table.mean()), spread), rel=1e-9, abs=1e-6)


def test_funnels_that_experiments_follow_are_none_of_the_product(built: ModelRuns) -> None:
    names = built.rows("select distinct funnel_name from funnels.attempts order by all")
    assert names == [(name,) for name in sorted(WALKS)]
    ((followed,),) = built.rows(
        "select count(distinct funnel_name) from intermediate.int_funnel_attempts"
        " where funnel_name like '% in x%'"
    )
    assert followed >= 8


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
            "intermediate.int_funnel_attempts"
            " inner join intermediate.int_persons using (person_key)",
            "* exclude (segment_values, person_key)",
        ),
        (
            "experiments.sufficient_statistics",
            "experiment_name, metric_name, variant, analysis_set, segment_name, segment_value,"
            " exposure_date, users_count, open_users_count, round(metric_mean, 3)",
        ),
    ):
        rows = f"select {columns} from {table} order by all"
        assert parts.rows(rows) == built.rows(rows)
