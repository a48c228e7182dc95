"""An experiment from its counted days to results, timeline and decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from pm_pipeline.analysis.experiments import Moments, SliceKey
from pm_pipeline.analysis.experiments.evaluation import Evaluation, evaluate, known_action
from pm_pipeline.analysis.experiments.reading import (
    Clock,
    DayCell,
    HumanDecision,
    Phase,
    Planned,
)
from tests.fixtures.counted_experiments import START, Made


def evaluated(made: Made, days: int | None = None) -> Evaluation:
    clock = made.clock(days)
    return evaluate(made.planned(), made.cells(clock), clock)


def decision(found: Evaluation, variant: str = "all") -> tuple[str, str]:
    (row,) = [row for row in found.decisions if row.variant == variant]
    return row.verdict, row.action


def test_the_last_day_of_the_timeline_shows_the_results() -> None:
    found = evaluated(Made())
    for metric in ("songs", "likes"):
        result = found.readout.total(metric, "new")
        last = max(
            (row for row in found.timeline if row.metric_name == metric),
            key=lambda row: row.as_of_date,
        )
        assert result is not None
        assert last.as_of_date == START + timedelta(days=26)
        assert last.users_count == result.users_count > 350
        assert (last.difference, last.deciding_low, last.deciding_high) == pytest.approx(
            (result.difference, result.deciding_low, result.deciding_high), rel=1e-9
        )


@pytest.mark.parametrize("inference", ["fixed", "sequential", "group_sequential"])
def test_a_day_of_the_timeline_is_the_result_of_that_day(inference: str) -> None:
    made = Made(plan={"inference": inference, "planned_users": 800})
    looks = (0.25, 0.5, 0.75, 1.0)

    def at(days: int) -> Evaluation:
        clock = made.clock(days)
        planned = replace(made.planned(), looks=looks)
        return evaluate(planned, made.cells(clock), clock)

    whole = at(27)
    for days in (9, 14, 20, 26):
        then = at(days)
        result = then.readout.total("songs", "new")
        day = START + timedelta(days=days - 1)
        (row,) = [r for r in whole.timeline if (r.metric_name, r.as_of_date) == ("songs", day)]
        assert result is not None
        assert row.users_count == result.users_count
        assert (row.deciding_low is None) == (result.deciding_low is None)
        assert (row.difference or 0.0, row.deciding_low or 0.0) == pytest.approx(
            (result.difference or 0.0, result.deciding_low or 0.0), rel=1e-9
        )


def test_nothing_new_decides_between_looks() -> None:
    made = Made(effect=0.25, plan={"inference": "group_sequential", "planned_users": 800})
    found = []
    for days in range(8, 28):
        clock = made.clock(days)
        planned = replace(made.planned(), looks=(0.5, 1.0))
        each = evaluate(planned, made.cells(clock), clock)
        result = each.readout.total("songs", "new")
        assert result is not None
        found.append((result.deciding_p_value, result.users_count))
    before = [pair for pair in found if pair[0] is None]
    assert 0 < len(before) < 12
    assert len({pair for pair in found if pair[0] is not None}) == 2


def test_a_look_waits_for_the_end_of_its_day() -> None:
    """Half a day later only units of a day that is not over are new: nothing is read of them."""
    made = Made(effect=0.25, plan={"inference": "group_sequential", "planned_users": 800})
    planned = replace(made.planned(), looks=(0.3, 0.55, 1.0))
    for days in range(8, 28):
        midnight = made.clock(days)
        noon = replace(midnight, as_of=midnight.as_of + timedelta(hours=12))
        then, later = (evaluate(planned, made.cells(clock), clock) for clock in (midnight, noon))
        before, after = (each.readout.total("songs", "new") for each in (then, later))
        assert before is not None and after is not None
        assert (after.deciding_p_value, after.users_count) == (
            before.deciding_p_value, before.users_count,
        )  # fmt: skip
        assert [row.action for row in later.decisions] == [row.action for row in then.decisions]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Made(), ("validated", "ship")),
        (Made(effect=-0.6), ("refuted", "roll_back")),
        (Made(effect=0.0), ("inconclusive", "review")),
        (Made(treated_share=0.35), ("invalid", "review")),
        (Made(harm=1.5), ("validated", "roll_back")),
        (Made(units_per_day=3), ("inconclusive", "keep_running")),
    ],
)
def test_verdict_and_advice(made: Made, expected: tuple[str, str]) -> None:
    assert decision(evaluated(made)) == expected


def test_before_anybody_is_exposed_it_runs_on() -> None:
    assert decision(evaluated(Made(), days=0)) == ("inconclusive", "keep_running")


def test_what_people_decided_later_is_not_known_yet() -> None:
    made = Made(decision=HumanDecision("ship", date(2026, 1, 20), "Ann", None))
    assert known_action(made.planned(), made.clock(15)) == (None, None)
    assert known_action(made.planned(), made.clock(16)) == ("ship", None)


def test_a_change_of_the_allocation_does_not_pass_for_an_effect() -> None:
    """From half and half to nine in ten, while everybody does twice as much: no effect at all."""
    rng = np.random.default_rng(2)
    made = Made()
    clock = made.clock()
    begins = START + timedelta(days=10)
    halves, ramp = {"control": 0.5, "new": 0.5}, {"control": 0.1, "new": 0.9}
    cells = []
    for number in range(20):
        day = START + timedelta(days=number)
        share, level = (0.5, 5.0) if day < begins else (0.9, 10.0)
        is_new = np.arange(200) < 200 * share
        for metric in ("songs", "likes"):
            values = rng.normal(level, 1, 200)
            for variant, chosen in (("new", is_new), ("control", ~is_new)):
                for analysis_set in ("default", "first_variant"):
                    cells.append(
                        DayCell(
                            SliceKey(metric, analysis_set), variant, day, 0,
                            Moments.of_values(values[chosen]), None,
                        )
                    )  # fmt: skip
    pooled = evaluate(made.planned(), cells, clock)
    assert decision(pooled)[0] == "invalid"
    phased = replace(made.planned(), phases=(Phase(START, halves), Phase(begins, ramp)))
    found = evaluate(phased, cells, clock)
    health = {row.check_name: row.status for row in found.health}
    assert health["sample_ratio"] == health["sample_ratio_after_exclusion"] == "pass"
    wrong, right = pooled.readout.total("songs", "new"), found.readout.total("songs", "new")
    assert wrong is not None and right is not None
    assert wrong.difference is not None and right.difference is not None
    assert wrong.difference > 1
    assert right.deciding_low is not None and right.deciding_high is not None
    assert right.deciding_low < 0 < right.deciding_high
    assert {row.status for row in found.health if row.segment_name == "exposure_date"} == {"pass"}


def activated(made: Made, shares: dict[str, float]) -> tuple[Planned, list[DayCell], Clock]:
    """The same units, of whom only some were activated, in shares of their arms."""
    clock = made.clock()
    cells = []
    for cell in made.cells(clock):
        if not cell.key.is_total:
            continue
        exposed = {"default": "exposed", "first_variant": "exposed_first_variant"}
        whole = replace(cell.key, analysis_set=exposed[cell.key.analysis_set])
        count = round(cell.moments.count * shares[cell.variant])
        cells.append(replace(cell, key=whole))
        cells.append(replace(cell, moments=replace(cell.moments, count=count)))
    return replace(made.planned(), has_activation=True), cells, clock


def test_the_sample_ratio_is_repeated_on_activated_units() -> None:
    made = Made(units_per_day=200)
    for treated, statuses in ((0.5, ["pass"] * 3), (0.3, ["pass", "pass", "fail"])):
        found = evaluate(*activated(made, {"control": 0.5, "new": treated}))
        checks = {row.check_name: row.status for row in found.health if row.segment_name == "all"}
        assert [
            checks["sample_ratio"],
            checks["sample_ratio_after_exclusion"],
            checks["sample_ratio_of_activated"],
        ] == statuses
        assert (decision(found)[0] == "invalid") is (treated == 0.3)


def test_only_activated_units_decide_and_are_waited_for() -> None:
    planned, cells, clock = activated(Made(units_per_day=200), {"control": 0.5, "new": 0.5})
    found = evaluate(planned, cells, clock)
    analysed, exposed = (
        found.readout.total("songs", "new", name) for name in ("default", "exposed")
    )
    assert analysed is not None and exposed is not None
    assert exposed.users_count == pytest.approx(2 * analysed.users_count, abs=20)
    assert all(row.users_count <= analysed.users_count for row in found.timeline)


def test_a_variant_that_activates_sooner_is_no_fault_of_the_ratio() -> None:
    """Open units of one arm have been activated already, those of the other not yet."""
    planned, cells, clock = activated(Made(units_per_day=200), {"control": 0.5, "new": 0.5})
    more = [
        replace(cell, open_units=50) if cell.variant == "new" and cell.key.is_total
        and cell.key.analysis_set == "default" else cell
        for cell in cells
    ]  # fmt: skip
    (row,) = [
        row for row in evaluate(planned, more, clock).health
        if row.check_name == "sample_ratio_of_activated"
    ]  # fmt: skip
    assert row.status == "pass"
