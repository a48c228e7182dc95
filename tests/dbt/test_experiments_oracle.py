"""Fifty experiments with metrics of every kind against a plain scan of all events.

Belongs here: the SQL models from events to sufficient statistics, built at once and in two parts,
in a zone whose clocks change inside the windows. Does not belong here: what is concluded of the
statistics (``tests/unit/analysis/experiments``), worked examples (unit tests beside the models).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from experiments_oracle import (
    AS_OF,
    FUNNELS,
    METRICS,
    WALKS,
    make_events,
    product_day,
    scan_units,
    scanned_groups,
    scanned_overlaps,
    tried,
)

from tests.fixtures.model_runs import Event, ModelRuns

MODELS = [
    "int_events_segmented", "int_events_listed", "int_event_kinds",
    "int_exposure_events", "int_exposures", "int_experiment_periods",
    "int_funnel_events", "int_funnel_instants", "int_funnel_starts", "int_funnel_chains",
    "int_funnel_scans", "int_funnel_sets", "int_funnel_best_attempts",
    "int_funnel_placed_attempts", "int_funnel_attempts", "attempts",
    "int_experiment_unit_values", "exposures", "sufficient_statistics",
    "overlaps",
]  # fmt: skip
NO_OTHERS = """
    create or replace table intermediate.int_sessions as
    select '' as session_id, '' as user_id, '' as source_session_id, now()::timestamp as started_at
    where false;
    create or replace table intermediate.int_user_persona_changes as
    select '' as user_id, date '2026-01-01' as state_date, '' as persona where false
"""


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return make_events(3)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, events: list[Event]) -> ModelRuns:
    return build(tmp_path_factory.mktemp("at_once"), [(events, AS_OF, None)])


def build(root: Path, runs: Sequence[tuple[Sequence[Event], datetime, date | None]]) -> ModelRuns:
    models = ModelRuns(root, zone="Europe/Berlin")
    experiments = "".join(each.text() for each in tried())
    product = models.product(METRICS + experiments + FUNNELS, settings="segments: [platform]")
    for events, as_of, restate in runs:
        more = {} if restate is None else {"restate_from": restate}
        models.run(product, events, MODELS, as_of=as_of, tables=NO_OTHERS, **more)
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
    assert len(expected) > 3_500
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
        ("intermediate.int_funnel_attempts", "* exclude (segment_values, person_key)"),
        (
            "experiments.sufficient_statistics",
            "experiment_name, metric_name, variant, analysis_set, segment_name, segment_value,"
            " exposure_date, users_count, open_users_count, round(metric_mean, 3)",
        ),
    ):
        rows = f"select {columns} from {table} order by all"
        assert parts.rows(rows) == built.rows(rows)
