"""Which units each check of health looks at, in whole experiments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pm_pipeline.analysis.experiments import Moments
from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.reading import DayCell
from tests.fixtures.counted_experiments import Made

Change = Callable[[DayCell], DayCell]


def statuses(change: Change, made: Made | None = None) -> dict[str, str]:
    """Judge an experiment after a change of what was counted."""
    made = made or Made(units_per_day=200)
    clock = made.clock()
    cells = [change(cell) for cell in made.cells(clock)]
    found = evaluate(made.planned(), cells, clock)
    return {row.check_name: row.status for row in found.health if row.segment_name == "all"}


def as_it_is(cell: DayCell) -> DayCell:
    return cell


def without_switchers(share: float) -> Change:
    """Every ``share`` of the treated saw the control too: they are in ``first_variant`` alone."""

    def change(cell: DayCell) -> DayCell:
        if cell.variant != "new" or cell.key.analysis_set != "default":
            return cell
        kept = round(cell.moments.count * (1 - share))
        return replace(cell, moments=replace(cell.moments, count=kept))

    return change


@pytest.mark.parametrize(
    ("share", "after", "excluded"), [(0.0, "pass", "pass"), (0.25, "fail", "fail")]
)
def test_who_is_left_out_is_asked_apart(share: float, after: str, excluded: str) -> None:
    found = statuses(without_switchers(share))
    assert found["sample_ratio"] == "pass", "all that were exposed are as planned"
    assert found["sample_ratio_after_exclusion"] == after
    assert found["excluded_by_first_variant"] == excluded


def apart_before(cell: DayCell) -> DayCell:
    """The treated did more before they were exposed."""
    if cell.variant != "new" or cell.key.metric_name != "songs":
        return cell
    first, second, before, fourth = cell.moments.means
    moved = (first, second, before + 1.0, fourth)
    return replace(cell, moments=replace(cell.moments, means=moved))


def test_arms_that_differed_before_exposure_warn() -> None:
    assert statuses(as_it_is)["pre_exposure_imbalance:songs:new"] == "pass"
    assert statuses(apart_before)["pre_exposure_imbalance:songs:new"] == "warn"


@pytest.mark.parametrize(("fades", "status"), [(0.0, "pass"), (-1.0, "warn")])
def test_an_effect_that_fades_within_the_window_warns(fades: float, status: str) -> None:
    generator = np.random.default_rng(9)

    def change(cell: DayCell) -> DayCell:
        moved = fades if cell.variant == "new" else 0.0
        halves = Moments.of_values(generator.normal(moved, 2, cell.moments.count))
        return replace(cell, half_change=halves if cell.key.is_total else None)

    found = statuses(change)
    assert found["novelty:songs:new"] == status
    assert "novelty:likes:new" not in found, "of primaries alone"
