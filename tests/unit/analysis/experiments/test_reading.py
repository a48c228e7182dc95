"""Sufficient statistics as they are read: by day in all, by stretches of days of break-downs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from pm_pipeline.analysis.experiments.moments import Moments, merged
from pm_pipeline.analysis.experiments.reading import DayCell, Phase, Planned, read_statistics
from tests.fixtures.counted_experiments import START, Made

VARIABLES = ("metric", "denominator", "covariate", "covariate_denominator")
PAIRS = [(one, other) for one in range(4) for other in range(one, 4)]
COLUMNS = [
    *(f"{name}_mean" for name in VARIABLES),
    *(f"{VARIABLES[one]}_{VARIABLES[other]}_comoment" for one, other in PAIRS),
    "half_change_mean", "half_change_comoment",
]  # fmt: skip
DAYS = 16
"""Seen after so many, the windows of the first units alone are closed."""


def stored(cells: Sequence[DayCell]) -> duckdb.DuckDBPyConnection:
    """Return a database that holds the cells as the warehouse does: what is not there is NULL."""
    connection = duckdb.connect()
    numbers = ", ".join(f"{name} double" for name in COLUMNS)
    connection.execute("create schema experiments")
    connection.execute(
        "create table experiments.sufficient_statistics (experiment_name varchar,"
        " metric_name varchar, variant varchar, analysis_set varchar, segment_name varchar,"
        f" segment_value varchar, exposure_date date, users_count bigint,"
        f" open_users_count bigint, {numbers})"
    )
    for cell in cells:
        moments = cell.moments
        known = [*moments.means, *(moments.comoments[one][other] for one, other in PAIRS)]
        values = [value if moments.count and value else None for value in known]
        connection.execute(
            f"insert into experiments.sufficient_statistics values ({'?, ' * 24} ?)",
            [
                "tried", cell.key.metric_name, cell.variant, cell.key.analysis_set,
                cell.key.segment_name, cell.key.segment_value, cell.exposure_date,
                moments.count, cell.open_units, *values, None, None,
            ],
        )  # fmt: skip
    return connection


Stretches = dict[tuple[object, ...], Moments]
"""By slice, variant and first day."""


def stretches(cells: Sequence[DayCell], firsts: Sequence[date]) -> Stretches:
    """Return the moments of the break-downs by stretch of days."""
    found: dict[tuple[object, ...], list[Moments]] = defaultdict(list)
    for cell in cells:
        if not cell.key.is_total:
            first = max(day for day in firsts if day <= cell.exposure_date)
            found[cell.key, cell.variant, first].append(cell.moments)
    return {key: merged(parts) for key, parts in found.items()}


def ramped(planned: Planned) -> Planned:
    """Return the plan with a change of the allocation after six days."""
    begins = START + timedelta(days=6)
    shares = planned.plan.shares
    return replace(planned, phases=(Phase(START, shares), Phase(begins, shares)))


@pytest.mark.parametrize("inference", ["fixed", "group_sequential"])
def test_break_downs_are_read_by_the_days_that_matter(inference: str) -> None:
    made = Made(days=DAYS, plan={"inference": inference})
    clock = made.clock(DAYS)
    planned, cells = ramped(made.planned()), made.cells(clock)
    found = read_statistics(stored(cells), planned, clock)
    totals = [cell for cell in found if cell.key.is_total]
    assert [replace(cell, half_change=None) for cell in totals] == sorted(
        (replace(cell, half_change=None) for cell in cells if cell.key.is_total),
        key=lambda cell: (
            cell.key.metric_name, cell.key.analysis_set, cell.exposure_date, cell.variant,
        ),
    )  # fmt: skip
    firsts = [START, START + timedelta(days=6)]
    if inference == "group_sequential":
        firsts = [START + timedelta(days=number) for number in range(DAYS)]
    expected = stretches(cells, firsts)
    sliced = {
        (cell.key, cell.variant, cell.exposure_date): cell for cell in found if cell not in totals
    }
    assert sliced.keys() == expected.keys()
    for key, moments in expected.items():
        assert sliced[key].moments.count == moments.count
        if moments.count:
            near = pytest.approx(np.array(moments.comoments), rel=1e-9, abs=1e-9)
            assert np.array(sliced[key].moments.comoments) == near
            assert sliced[key].moments.means == pytest.approx(moments.means, rel=1e-12)
    assert sum(cell.open_units for cell in sliced.values()) == sum(
        cell.open_units for cell in cells if not cell.key.is_total
    )


def test_what_is_put_together_keeps_its_digits_at_large_values() -> None:
    made = Made(days=9)
    clock = made.clock()
    level = 1e8
    raised = [
        replace(cell, moments=replace(
            cell.moments, means=(level + cell.moments.means[0], *cell.moments.means[1:])
        ))
        for cell in made.cells(clock)
    ]  # fmt: skip
    plain, high = (
        stretches_read(made.planned(), made, cells) for cells in (made.cells(clock), raised)
    )
    assert plain.keys() == high.keys()
    for key, moments in plain.items():
        assert high[key].comoments[0][0] == pytest.approx(moments.comoments[0][0], rel=1e-6)


def stretches_read(planned: Planned, made: Made, cells: Sequence[DayCell]) -> Stretches:
    """Return the moments of the break-downs as they are read."""
    read = read_statistics(stored(cells), planned, made.clock())
    return {
        (cell.key, cell.variant, cell.exposure_date): cell.moments
        for cell in read
        if not cell.key.is_total
    }
