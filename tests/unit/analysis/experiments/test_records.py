"""What is written of an experiment, and what it was read from."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from pm_pipeline.analysis.experiments.comparisons import Status
from pm_pipeline.analysis.experiments.evaluation import Evaluation, evaluate
from pm_pipeline.analysis.experiments.reading import QUERIES, HumanDecision
from pm_pipeline.analysis.experiments.reasons import WHY_NOT
from pm_pipeline.analysis.experiments.result_tables import (
    DECISIONS,
    contradictions,
    decision_rows,
)
from tests.fixtures.counted_experiments import Made

COUNTED = {
    "experiments.sufficient_statistics", "experiments.overlaps", "experiments.reach",
    "definitions.experiment_plans", "definitions.run", "definitions.product",
}  # fmt: skip


def evaluated(name: str, action: str | None) -> Evaluation:
    human = action and HumanDecision(action, date(2026, 1, 20), "Ann", None)
    made = Made(decision=human or None)
    planned = made.planned()
    planned = replace(planned, plan=replace(planned.plan, name=name))
    return evaluate(planned, made.cells(made.clock()), made.clock())


def test_decisions_against_the_advice_are_counted_once_an_experiment() -> None:
    found = [
        evaluated("followed", "ship"), evaluated("not", "roll_back"), evaluated("open", None),
        evaluated("nor", "keep_running"),
    ]  # fmt: skip
    rows = decision_rows(found, Made().clock())
    names = [column.name for column in DECISIONS.columns]
    told = {
        (row["experiment_name"], row["variant"]): row["is_contradicted"]
        for row in (dict(zip(names, values, strict=True)) for values in rows)
    }
    assert {name: told[name, "all"] for name, _ in told} == {
        "followed": False, "not": True, "open": None, "nor": True,
    }  # fmt: skip
    assert contradictions(rows) == 2


@pytest.mark.parametrize("query", sorted(QUERIES.glob("*.sql")), ids=lambda query: query.stem)
def test_units_are_read_for_the_size_of_a_planned_experiment_alone(query: object) -> None:
    text = re.sub(r"--.*", "", query.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    read = set(re.findall(r"\b(?:from|join)\s+([a-z_]+\.[a-z_]+)", text))
    assert read
    assert read <= ({"core.events"} if query.stem == "history" else COUNTED)  # type: ignore[attr-defined]


def test_every_reason_for_missing_figures_has_words() -> None:
    """Those of a slice or of a lift do not keep a metric from being compared."""
    figures_all_the_same = {
        "ok", "too_small", "baseline_not_positive", "baseline_too_noisy", "small_count",
    }  # fmt: skip
    assert set(WHY_NOT) == set(get_args(Status)) - figures_all_the_same


def test_the_last_digits_of_a_sum_are_no_part_of_the_record() -> None:
    made = Made()
    cells = made.cells(made.clock())
    # The sums of an arm once more, as if their parts had been added in another order.
    others = [
        replace(cell, moments=replace(cell.moments, means=tuple(
            mean * (1 + 1e-14) for mean in cell.moments.means
        )))
        if cell.variant == "new" else cell
        for cell in cells
    ]  # fmt: skip
    plain, other = (
        [evaluate(made.planned(), counted, made.clock())] for counted in (cells, others)
    )
    assert plain[0].decisions[0].inputs != other[0].decisions[0].inputs
    assert decision_rows(plain, made.clock()) == decision_rows(other, made.clock())
